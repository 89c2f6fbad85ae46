import Glibc
import Testing

@testable import Recording

@Suite("Whole lines into a pipe")
struct LineDescriptorTests {
    private func makePipe() throws -> (reader: Int32, writer: LineDescriptor) {
        let (reader, writer) = try pipeEnds()
        for end in [reader, writer] where fcntl(end, F_SETFL, O_NONBLOCK) != 0 { throw FileError(code: errno) }
        return (reader, LineDescriptor(writer, isOwned: true, patience: 0))
    }

    private func drain(_ reader: Int32) -> [UInt8] {
        var (bytes, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 65536))
        while case let count = read(reader, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
        return bytes
    }

    @Test("A line that a full pipe cuts off is ended before the next one, and handed back")
    func fullPipe() throws {
        let (reader, writer) = try makePipe()
        defer { close(reader) }
        let line = Array(repeating: UInt8(ascii: "x"), count: 999) + [UInt8(ascii: "\n")]
        let all = Array(repeatElement(line, count: 100).joined())
        var rest = all[...]
        #expect(throws: LogFailure(operation: "write", code: EAGAIN)) { try writer.append(&rest) }
        #expect(writer.isTorn)
        #expect(rest.count % 1000 == 0)
        let first = drain(reader)
        #expect(first.count % 1000 != 0)
        var next = Array("next\n".utf8)[...]
        try writer.append(&next)
        #expect(drain(reader) == Array("\nnext\n".utf8))
        #expect(first.count / 1000 + rest.count / 1000 == 100)
    }
}
