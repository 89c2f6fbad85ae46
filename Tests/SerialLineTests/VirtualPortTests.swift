import Glibc
import SerialLine
import Testing

@Suite struct VirtualPortTests {
    private func node(_ path: String) throws -> stat {
        var status = stat()
        try #require(stat(path, &status) == 0)
        return status
    }

    @Test func `owner, group and mode are those of the node behind the name`() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/inverter"
        let isRoot = geteuid() == 0
        let access = PseudoTerminalAccess(
            owner: isRoot ? "12345" : "\(geteuid())", group: isRoot ? "daemon" : "\(getegid())", mode: 0o640)
        let port = try VirtualPort(path: path, access: access.resolved(for: path))
        let status = try node(path)
        #expect(status.st_uid == (isRoot ? 12345 : geteuid()))
        #expect(status.st_gid == (isRoot ? 1 : getegid()))
        #expect(status.st_mode & 0o7777 == 0o640)
        #expect(directory.target(of: "inverter")?.hasPrefix("/dev/pts/") == true)
        #expect(port.path == path)
    }

    @Test func `without an owner and a group the node keeps those of the system, and both may read and write`() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/inverter"
        let plain = try PseudoTerminal()
        let port = try VirtualPort(path: path, access: PseudoTerminalAccess().resolved(for: path))
        #expect(try node(port.path).st_uid == node(plain.path).st_uid)
        #expect(try node(port.path).st_gid == node(plain.path).st_gid)
        #expect(try node(port.path).st_mode & 0o7777 == 0o660)
    }

    @Test(arguments: [
        (PseudoTerminalAccess(owner: "no such"), "/p: owner 'no such': there is no such user"),
        (PseudoTerminalAccess(owner: "4294967295"), "/p: owner '4294967295': there is no such user"),
        (PseudoTerminalAccess(group: "no such"), "/p: group 'no such': there is no such group"),
        (PseudoTerminalAccess(mode: 0o1000), "/p: mode '1000': allowed is 0 to 777 (octal)"),
        (PseudoTerminalAccess(mode: -8), "/p: mode '-10': allowed is 0 to 777 (octal)"),
    ])
    func `what cannot be is one line with the path, the value and the reason`(
        access: PseudoTerminalAccess, message: String
    ) {
        let error = #expect(throws: SerialLineError.self) { try access.resolved(for: "/p") }
        #expect(error?.description == message)
    }

    @Test(.enabled(if: geteuid() != 0))
    func `who is not root gives nothing away`() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/inverter"
        let access = try PseudoTerminalAccess(owner: "root").resolved(for: path)
        let error = #expect(throws: SerialLineError.self) { _ = try VirtualPort(path: path, access: access) }
        #expect(error?.description == "\(path): owner 'root': Operation not permitted; only root may set it")
        #expect(directory.target(of: "inverter") == nil)
    }

    @Test func `one name is had once, however it is written, and is free again with the port`() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/inverter"
        let access = try PseudoTerminalAccess().resolved(for: path)
        try {
            let port = try VirtualPort(path: path, access: access)
            let other = "\(directory.path)/../\(directory.path.split(separator: "/").last ?? "")/inverter"
            #expect(throws: SerialLineError.nameTaken(path: other)) {
                _ = try VirtualPort(path: other, access: access)
            }
            #expect(directory.target(of: "inverter") != nil)
            #expect(port.path == path)
        }()
        #expect(directory.target(of: "inverter") == nil)
        _ = try VirtualPort(path: path, access: access)
    }

    @Test func `a directory that is missing is made`() throws {
        let directory = try TemporaryDirectory()
        let parent = "\(directory.path)/run"
        let access = try PseudoTerminalAccess().resolved(for: parent)
        _ = try VirtualPort(path: "\(parent)/inverter", access: access)
        #expect(rmdir(parent) == 0)
    }

    @Test func `opens and closes come in order, two opens at once as one, and the truth can be had`() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/inverter"
        let port = try VirtualPort(path: path, access: PseudoTerminalAccess().resolved(for: path))
        #expect(port.blindness == nil)
        #expect(port.takeEvents() == [])
        #expect(try !port.findOut().isOpen)
        let first = open(path, O_RDWR | O_NOCTTY)
        let second = open(path, O_RDWR | O_NOCTTY)
        #expect(port.takeEvents() == [.opened])
        close(first)
        #expect(port.takeEvents() == [.closed])
        #expect(try port.findOut().isOpen)
        #expect(port.takeEvents() == [])
        close(second)
        let third = open(path, O_RDWR | O_NOCTTY)
        #expect(write(third, [7], 1) == 1)
        // Told later, they would end the turn of a program whose bytes have been taken already.
        let found = try port.findOut()
        #expect(found.isOpen)
        #expect(found.before == [.closed, .opened, .written])
        #expect(found.since == [])
        #expect(found.bytes == [7])
        #expect(port.takeEvents() == [])
        close(third)
        #expect(port.takeEvents() == [.closed])
        #expect(try !port.findOut().isOpen)
        close(open(path, O_RDONLY | O_NOCTTY))
        #expect(port.takeEvents() == [.opened, .closed])
    }

    @Test func `what is written is told in its place between opens and closes, and what is answered is not`() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/inverter"
        let port = try VirtualPort(path: path, access: PseudoTerminalAccess().resolved(for: path))
        for (bytes, events): ([UInt8], [NodeWatch.Event]) in [
            ([7], [.opened, .written, .closed, .opened]), ([], [.closed, .opened, .closed, .opened]),
        ] {
            let first = open(path, O_RDWR | O_NOCTTY)
            _ = write(first, bytes, bytes.count)
            close(first)
            let second = open(path, O_RDWR | O_NOCTTY)
            port.write([8])
            #expect(port.takeEvents() == events)
            close(second)
        }
    }

    @Test func `an owner and a group that are not set any more are taken back`() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/inverter"
        let plain = PseudoTerminalAccess()
        let port = try VirtualPort(path: path, access: plain.resolved(for: path))
        let asMade = try node(path)
        let isRoot = geteuid() == 0
        let given = PseudoTerminalAccess(
            owner: isRoot ? "12345" : "\(geteuid())", group: isRoot ? "daemon" : "\(asMade.st_gid)", mode: 0o604)
        try port.apply(given.resolved(for: path))
        #expect(try node(path).st_uid == (isRoot ? 12345 : geteuid()))
        #expect(try node(path).st_mode & 0o7777 == 0o604)
        try port.apply(plain.resolved(for: path))
        #expect(try node(path).st_uid == asMade.st_uid)
        #expect(try node(path).st_gid == asMade.st_gid)
        #expect(try node(path).st_mode & 0o7777 == 0o660)
    }

    @Test func `long names that differ only at their beginnings are two`() throws {
        let directory = try TemporaryDirectory()
        let end = String(repeating: "n", count: 60)
        let access = try PseudoTerminalAccess().resolved(for: end)
        let first = try VirtualPort(path: "\(directory.path)/1\(end)", access: access)
        let second = try VirtualPort(path: "\(directory.path)/2\(end)", access: access)
        let again = "\(directory.path)/./2\(end)"
        #expect(throws: SerialLineError.nameTaken(path: again)) { _ = try VirtualPort(path: again, access: access) }
        #expect(first.path != second.path)
    }

    @Test func `a reply that does not fit is dropped, all of it`() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/inverter"
        let port = try VirtualPort(path: path, access: PseudoTerminalAccess().resolved(for: path))
        let program = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK)
        defer { close(program) }
        port.write([UInt8](repeating: 1, count: 1 << 20))
        var byte: UInt8 = 0
        #expect(read(program, &byte, 1) == -1)
        port.write([2])
        #expect(Terminal.read(1, from: program) == [2])
    }

    @Test
    func `only what is there is dropped, for the kernel may tell a program that waits of bytes that are not there`()
        throws
    {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/inverter"
        let port = try VirtualPort(path: path, access: PseudoTerminalAccess().resolved(for: path))
        let program = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK)
        defer { close(program) }
        let line = try port.duplicateDescriptor()
        defer { close(line) }
        // In packet mode, see ioctl_tty(2), this side reads that the other one was flushed: a byte of 1.
        var isPacketMode: Int32 = 1
        try #require(ioctl(line, UInt(TIOCPKT), &isPacketMode) == 0)
        port.discardUnread()
        #expect(port.takeBytes() == [])
        port.write([2])
        port.discardUnread()
        #expect(port.takeBytes() == [1])
        var byte: UInt8 = 0
        #expect(read(program, &byte, 1) == -1)
        port.discardUnread()
        #expect(port.takeBytes() == [])
    }
}
