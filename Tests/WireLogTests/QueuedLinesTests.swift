import Glibc
import Testing
import TestSupport
import Text

@testable import WireLog

/// Lines to a stream that nobody may read.
@Suite struct QueuedLinesTests {
    /// The least that a pipe takes before it is full.
    private static let pipeCapacity: Int32 = 4096
    /// `F_SETPIPE_SZ` of Linux, which Glibc's module does not have.
    private static let setPipeCapacity: Int32 = 1031

    private func makeNarrowPipe() throws -> (reader: Int32, writer: Int32) {
        let ends = try pipeEnds()
        guard fcntl(ends.writer, Self.setPipeCapacity, Self.pipeCapacity) >= 0 else { throw CallError(code: errno) }
        return ends
    }

    private func makeLines(_ descriptor: Int32, capacity: Int = QueuedLines.defaultCapacity) -> QueuedLines {
        QueuedLines(descriptor, capacity: capacity) { "lost \($0)" }
    }

    /// Reads until a line is this one; waits for what is to come.
    private func read(_ reader: Int32, until last: String) -> [String] {
        var (bytes, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 65536))
        while !bytes.reversed().starts(with: "\n\(last)\n".utf8.reversed()) {
            let count = Glibc.read(reader, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            .dropLast().map(String.init)
    }

    @Test func `lines arrive in the order in which they were appended, and a flush waits for the last`() throws {
        let (reader, writer) = try pipeEnds()
        defer { for end in [reader, writer] { close(end) } }
        let lines = makeLines(writer)
        for number in 0..<100 { lines.append("line \(number)") }
        #expect(lines.flush(timeout: nil))
        #expect(read(reader, until: "line 99") == (0..<100).map { "line \($0)" })
    }

    @Test func `R15 a pipe that nobody reads holds nobody up, and is told later how many lines are missing`() throws {
        let (reader, writer) = try makeNarrowPipe()
        defer { for end in [reader, writer] { close(end) } }
        let lines = makeLines(writer, capacity: 4 * Int(Self.pipeCapacity))
        let (long, count) = (String(repeating: "x", count: 180), 2000)
        for number in 0..<count { lines.append("\(long) \(number)") }
        #expect(!lines.flush(timeout: .zero))
        var (next, losses) = (0, 0)
        for line in read(reader, until: "\(long) \(count - 1)") {
            let words = line.split(separator: " ")
            let number = try #require(words.last.flatMap { Int($0) })
            if words.first == "lost" {
                losses += 1
                next += number
            } else {
                #expect(line == "\(long) \(next)")
                next += 1
            }
        }
        #expect(next == count)
        #expect(losses > 0)
        #expect(lines.flush(timeout: nil))
    }

    @Test func `a pipe in non-blocking mode is waited for like any other`() throws {
        let (reader, writer) = try makeNarrowPipe()
        defer { for end in [reader, writer] { close(end) } }
        #expect(fcntl(writer, F_SETFL, O_NONBLOCK) == 0)
        let lines = makeLines(writer)
        for number in 0..<1000 { lines.append("line \(number)") }
        #expect(read(reader, until: "line 999") == (0..<1000).map { "line \($0)" })
    }

    @Test func `what cannot be written is counted, and told when writing works again`() throws {
        let (reader, writer) = try pipeEnds()
        defer { for end in [reader, writer] { close(end) } }
        let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
        let usable = dup(writer)
        defer { for end in [full, usable] { close(end) } }
        #expect(dup2(full, writer) == writer)
        let lines = makeLines(writer)
        for number in 0..<3 { lines.append("line \(number)") }
        #expect(lines.flush(timeout: nil))
        #expect(dup2(usable, writer) == writer)
        lines.append("line 3")
        #expect(lines.flush(timeout: nil))
        #expect(read(reader, until: "line 3") == ["lost 3", "line 3"])
    }
}
