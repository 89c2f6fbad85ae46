import Testing
import TestSupport
import Text

@testable import WireLog

@Suite("Reading gzip")
struct PackedRecordingTests {
    private func text(_ count: Int) throws -> String {
        try (0..<count).map { try Prototype.request(readHolding(UInt16($0), 1), at: $0) }.joined()
    }

    @Test func `a packed recording is read as its text`() throws {
        let text = try text(5000)
        #expect(try read(packed(text)).lines.map(\.bytes) == read(text).lines.map(\.bytes))
    }

    @Test func `several members are one text`() throws {
        let (first, second) = (try text(100), try text(50))
        let (lines, summary) = try read(packed(first) + packed("") + packed(second))
        #expect(lines.count == 150)
        #expect(summary.remarks.isEmpty)
    }

    @Test func `a file that is cut off gives what it holds`() throws {
        let whole = packed(try text(5000))
        let (lines, summary) = try read(Array(whole.prefix(whole.count / 2)))
        #expect(lines.count > 1000 && lines.count < 5000)
        #expect(summary.remarks.contains { $0.contains("gzip file is cut off") })
    }

    @Test func `cut anywhere, it is never a crash`() throws {
        let whole = packed(try text(3))
        for length in 2..<whole.count {
            #expect(try read(Array(whole.prefix(length))).summary.remarks.isEmpty == false, "\(length) bytes")
        }
    }

    @Test func `what follows the last member is left out and told`() throws {
        let (lines, summary) = try read(packed(try text(3)) + [0, 0, 0, 0])
        #expect(lines.count == 3)
        #expect(summary.remarks.contains { $0.contains("no gzip follows") })
    }

    @Test func `damaged data is an error that names the file`() throws {
        let directory = try TemporaryDirectory()
        var bytes = packed(try text(5000))
        for index in bytes.count / 2..<bytes.count / 2 + 200 { bytes[index] = 0xFF }
        try WholeFile.write(bytes, to: directory["log.gz"])
        var reader = RecordingReader()
        let error = try #require(throws: ReadingError.self) { try reader.read(directory["log.gz"]) { _ in } }
        #expect(error.description.hasPrefix("\(directory["log.gz"]): damaged gzip data"))
    }
}
