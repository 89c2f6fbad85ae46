import Glibc
import SerialLine
import Testing

@Suite struct PseudoTerminalTests {
    @Test("all byte values pass unchanged both ways to a program that sets nothing, without echo")
    func passesAllBytes() throws {
        let terminal = try PseudoTerminal()
        let other = open(terminal.path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        defer { close(other) }
        let bytes = Array(UInt8.min...UInt8.max)
        #expect(Terminal.write(bytes, to: terminal.descriptor) == 256)
        #expect(Terminal.read(256, from: other) == bytes)
        #expect(Terminal.events(of: terminal.descriptor, waiting: false) == 0)
        #expect(Terminal.write(bytes, to: other) == 256)
        #expect(Terminal.read(256, from: terminal.descriptor) == bytes)
    }

    @Test("this side hangs up with the last program on the other side only if that side is not kept open")
    func hangsUp() throws {
        for keeps in [true, false] {
            let terminal = try PseudoTerminal(keepsOtherSideOpen: keeps)
            close(open(terminal.path, O_RDWR | O_NOCTTY | O_CLOEXEC))
            let hangUp = Terminal.events(of: terminal.descriptor, waiting: false) & POLLHUP
            #expect((hangUp == 0) == keeps)
        }
    }

    @Test("the link leads to the other side and goes with the pair")
    func makesLink() throws {
        let directory = try TemporaryDirectory()
        let terminal = try PseudoTerminal(link: "\(directory.path)/inverter")
        #expect(directory.target(of: "inverter") == terminal.path)
        terminal.close()
        #expect(directory.target(of: "inverter") == nil)
    }

    @Test("a link that leads to a pseudo-terminal or nowhere is replaced", arguments: [nil, "/dev/pts/nowhere"])
    func replacesLink(target: String?) throws {
        let directory = try TemporaryDirectory()
        let older = try PseudoTerminal()
        try directory.link("inverter", to: target ?? older.path)
        let terminal = try PseudoTerminal(link: "\(directory.path)/inverter")
        #expect(directory.target(of: "inverter") == terminal.path)
    }

    @Test("nothing else is replaced")
    func refusesToReplace() throws {
        let directory = try TemporaryDirectory()
        try directory.file("file", "kept")
        directory.directory("directory")
        try directory.link("link", to: "file")
        for path in ["file", "directory", "link"].map({ "\(directory.path)/\($0)" }) {
            #expect(throws: SerialLineError.linkRefused(path: path)) { _ = try PseudoTerminal(link: path) }
        }
        #expect(directory.target(of: "link") == "file")
    }

    @Test("a link that was given to another pair meanwhile stays")
    func leavesForeignLink() throws {
        let directory = try TemporaryDirectory()
        let first = try PseudoTerminal(link: "\(directory.path)/inverter")
        let second = try PseudoTerminal(link: "\(directory.path)/inverter")
        first.close()
        #expect(directory.target(of: "inverter") == second.path)
    }

    @Test("a link in a directory that does not exist is an error that names it")
    func refusesMissingDirectory() {
        let path = "/nowhere/x/inverter"
        let error = SerialLineError.unusableFolder(path: path, errno: ENOENT)
        #expect(throws: error) { _ = try PseudoTerminal(link: path) }
        #expect(throws: error) { _ = try VirtualPort(path: path, access: PseudoTerminalAccess().resolved(for: path)) }
        #expect(
            error.description
                == "/nowhere/x/inverter: there is no folder /nowhere/x; make it first, or choose another name")
    }

    @Test("a name that is a file's can be refused before anything is made")
    func refusesFilesEarly() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/port"
        try VirtualPort.refuseFile(at: path)
        let terminal = try PseudoTerminal(link: path)
        try VirtualPort.refuseFile(at: path)
        terminal.close()
        #expect(throws: SerialLineError.linkRefused(path: directory.path)) {
            try VirtualPort.refuseFile(at: directory.path)
        }
        #expect(throws: SerialLineError.unusableFolder(path: "/dev/null/port", errno: ENOTDIR)) {
            try VirtualPort.refuseFile(at: "/dev/null/port")
        }
    }

    @Test("a taken descriptor stays open without the pair, the link does not")
    func takesDescriptor() throws {
        let directory = try TemporaryDirectory()
        var terminal = try PseudoTerminal(link: "\(directory.path)/inverter")
        let descriptor = terminal.takeDescriptor()
        terminal.close()
        #expect(directory.target(of: "inverter") == nil)
        #expect(fcntl(descriptor, F_GETFD) >= 0)
        #expect(close(descriptor) == 0)
    }
}
