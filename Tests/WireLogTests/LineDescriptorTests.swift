import Glibc
import Testing
import TestSupport
import Text

@testable import WireLog

@Suite("Whole lines into a pipe")
struct LineDescriptorTests {
    private func makePipe() throws -> (reader: Int32, writer: LineDescriptor) {
        let (reader, writer) = try pipeEnds()
        for end in [reader, writer] where fcntl(end, F_SETFL, O_NONBLOCK) != 0 { throw CallError(code: errno) }
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

    @Test("A full file that does not append by itself is cut back, and the next line stands behind its last whole one")
    func fullFile() throws {
        let directory = try TemporaryDirectory()
        let number = open(directory["messages"], O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        let file = LineDescriptor(number, isOwned: true)
        // So large that no other test comes near the limit, and nearly all of it a hole.
        let (limit, room) = (1 << 32, 10)
        #expect(ftruncate(number, off_t(limit - room)) == 0)
        #expect(lseek(number, 0, SEEK_END) == off_t(limit - room))
        var rest = Array("whole\nand torn\n".utf8)[...]
        try withFileSizeLimit(rlim_t(limit)) {
            #expect(throws: LogFailure(operation: "write", code: EFBIG)) { try file.append(&rest) }
        }
        #expect(rest == Array("and torn\n".utf8)[...])
        #expect(!file.isTorn)
        try file.append(&rest)
        var buffer = [UInt8](repeating: 0, count: 100)
        let count = pread(number, &buffer, buffer.count, off_t(limit - room))
        #expect(String(decoding: buffer.prefix(max(0, count)), as: UTF8.self) == "whole\nand torn\n")
    }

    private func withFileSizeLimit(_ size: rlim_t, _ body: () throws -> Void) throws {
        let resource = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
        signal(SIGXFSZ, SIG_IGN)
        var (before, limit) = (rlimit(), rlimit())
        guard getrlimit(resource, &before) == 0 else { throw CallError(code: errno) }
        limit = before
        limit.rlim_cur = size
        guard setrlimit(resource, &limit) == 0 else { throw CallError(code: errno) }
        defer { setrlimit(resource, &before) }
        try body()
    }
}
