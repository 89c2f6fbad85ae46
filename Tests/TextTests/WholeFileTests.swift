import Glibc
import Testing
import TestSupport
import Text

struct WholeFileTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test func `what may never end is refused without waiting for it`() throws {
        #expect(mkfifo(directory["pipe"], 0o600) == 0)
        for (path, what) in [(directory["pipe"], "a pipe or a socket"), ("/dev/zero", "a device")] {
            let refusal = Text.FileError(path: path, reason: "is \(what); expected a regular file")
            #expect(throws: refusal) { try WholeFile.read(path, atMost: 10) }
        }
        #expect(try WholeFile.read("/dev/null", atMost: 10) == [])
        try WholeFile.refuseEndless("/dev/stdin")
        try WholeFile.refuseEndless(directory["missing"])
    }

    @Test func `a pipe that the process was handed may be read`() throws {
        let (reader, writer) = try pipeEnds()
        defer { close(reader) }
        #expect(write(writer, "text", 4) == 4)
        close(writer)
        #expect(try WholeFile.read("/dev/fd/\(reader)", atMost: 10) == Array("text".utf8))
    }

    @Test func `a recording is no pipe of any name, since it is read twice`() throws {
        let (reader, writer) = try pipeEnds()
        defer { for descriptor in [reader, writer] { close(descriptor) } }
        #expect(throws: Text.FileError.self) {
            try WholeFile.refuseEndless("/dev/fd/\(reader)", takesStreams: false)
        }
    }
}
