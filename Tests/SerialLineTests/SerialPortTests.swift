import CSerialLine
import Glibc
import SerialLine
import Testing

@Suite struct SerialPortTests {
    @Test(
        "every speed of POSIX and any other is set in both directions",
        arguments: [
            50, 75, 110, 134, 150, 200, 300, 600, 1_200, 1_800, 2_400, 4_800, 9_600, 19_200, 38_400, 57_600, 115_200,
            230_400, 460_800, 500_000, 576_000, 921_600, 1_000_000, 1_152_000, 1_500_000, 2_000_000, 2_500_000,
            3_000_000, 3_500_000, 4_000_000, 12_345, 250_000,
        ]
    )
    func setsSpeed(baud: Int) throws {
        let terminal = try PseudoTerminal()
        let port = try SerialPort(opening: terminal.path, settings: .test(baud: baud))
        var mode = serial_line_mode()
        #expect(serial_line_get_mode(port.descriptor, &mode) == 0)
        #expect(Int(mode.input_speed) == baud && Int(mode.output_speed) == baud)
    }

    @Test("a pseudo-terminal, which drops parity, is opened again and again", arguments: ["8E1", "7O2", "8N2"])
    func opensAgain(format: String) throws {
        let terminal = try PseudoTerminal()
        for _ in 0..<3 {
            let port = try SerialPort(opening: terminal.path, settings: .test(format: format))
            #expect(port.notes == ["pseudo-terminal: baud rate and character format have no effect"])
            #expect(port.physicalPort == nil)
        }
    }

    @Test("all byte values pass unchanged both ways")
    func passesAllBytes() throws {
        let terminal = try PseudoTerminal()
        let port = try SerialPort(opening: terminal.path, settings: .test(format: "8E1"))
        let bytes = Array(UInt8.min...UInt8.max)
        #expect(Terminal.write(bytes, to: terminal.descriptor) == 256)
        #expect(Terminal.read(256, from: port.descriptor) == bytes)
        #expect(Terminal.write(bytes, to: port.descriptor) == 256)
        #expect(Terminal.read(256, from: terminal.descriptor) == bytes)
    }

    @Test("a second open of the same port is refused, to root as well, and names the holder")
    func refusesSecondOpen() throws {
        let terminal = try PseudoTerminal(keepsOtherSideOpen: false)
        let port = try SerialPort(opening: terminal.path, settings: .test())
        let error = #expect(throws: SerialLineError.self) {
            _ = try SerialPort(opening: terminal.path, settings: .test())
        }
        guard case .busy(terminal.path, let holders, EWOULDBLOCK) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(holders.map(\.process) == [Int(getpid())])
        #expect(holders.allSatisfy { !$0.program.isEmpty })
        #expect(error?.description == "\(port.path): in use by \(holders[0])")
    }

    @Test("a second open is refused by another name of the port, and where no process can be seen")
    func refusesSecondName() throws {
        let directory = try TemporaryDirectory()
        let terminal = try PseudoTerminal(link: "\(directory.path)/inverter")
        let port = try SerialPort(opening: terminal.path, settings: .test())
        let name = "\(directory.path)/inverter"
        #expect(throws: SerialLineError.busy(path: name, holders: [], errno: EWOULDBLOCK)) {
            _ = try SerialPort(opening: name, settings: .test(), tree: directory.tree)
        }
        #expect(port.path == terminal.path)
    }

    @Test("where the owner of the lock cannot be told, the programs that have the port open are named")
    func namesOpeners() throws {
        let directory = try TemporaryDirectory()
        let terminal = try PseudoTerminal()
        let port = try SerialPort(opening: terminal.path, settings: .test())
        try directory.file("proc/77/comm", "mbusd\n")
        try directory.link("proc/77/fd/5", to: port.path)
        try directory.file("proc/78/comm", "cat\n")
        try directory.link("proc/78/fd/0", to: "/dev/null")
        let tree = SystemTree(processes: directory.tree.processes)
        let holder = PortHolder(process: 77, program: "mbusd")
        #expect(throws: SerialLineError.busy(path: terminal.path, holders: [holder], errno: EWOULDBLOCK)) {
            _ = try SerialPort(opening: terminal.path, settings: .test(), tree: tree)
        }
    }

    @Test("the lock lasts as long as the descriptor that was taken")
    func lockGoesWithDescriptor() throws {
        let terminal = try PseudoTerminal()
        let descriptor = try SerialPort(opening: terminal.path, settings: .test()).takeDescriptor()
        #expect(throws: SerialLineError.self) { _ = try SerialPort(opening: terminal.path, settings: .test()) }
        #expect(close(descriptor) == 0)
        _ = try SerialPort(opening: terminal.path, settings: .test())
    }

    @Test("the descriptor does not block and is not inherited by other programs")
    func descriptorFlags() throws {
        let terminal = try PseudoTerminal()
        let port = try SerialPort(opening: terminal.path, settings: .test())
        for descriptor in [terminal.descriptor, port.descriptor] {
            #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
            var byte: UInt8 = 0
            #expect(read(descriptor, &byte, 1) == -1 && errno == EAGAIN)
        }
    }

    @Test("bytes that came before the port was opened are dropped")
    func dropsEarlierBytes() throws {
        let terminal = try PseudoTerminal()
        let earlier = try SerialPort(opening: terminal.path, settings: .test()).takeDescriptor()
        #expect(Terminal.write([1, 2, 3], to: terminal.descriptor) == 3)
        #expect(Terminal.events(of: earlier) & POLLIN != 0)
        close(earlier)
        let port = try SerialPort(opening: terminal.path, settings: .test())
        #expect(Terminal.events(of: port.descriptor, waiting: false) == 0)
    }

    @Test("when the port is unplugged it hangs up, reads as ended and fails everything else with EIO")
    func unplugged() throws {
        let terminal = try PseudoTerminal()
        let port = try SerialPort(opening: terminal.path, settings: .test())
        terminal.close()
        #expect(Terminal.events(of: port.descriptor) & POLLHUP != 0)
        var byte: UInt8 = 0
        #expect(read(port.descriptor, &byte, 1) == 0)
        #expect(Terminal.write([1], to: port.descriptor) == -1 && errno == EIO)
        var mode = serial_line_mode()
        #expect(serial_line_get_mode(port.descriptor, &mode) == EIO)
        SerialPort.discardBuffers(of: port.descriptor)
    }

    @Test("direction control that was asked for and is not there is an error")
    func refusesDirectionControl() throws {
        let terminal = try PseudoTerminal()
        #expect(throws: SerialLineError.noDirectionControl(path: terminal.path, errno: ENOTTY)) {
            _ = try SerialPort(opening: terminal.path, settings: .test(rs485: RS485Direction()))
        }
    }

    @Test("a port that is opened for reading sends nothing, and cannot")
    func readsOnly() throws {
        let terminal = try PseudoTerminal()
        let port = try SerialPort(opening: terminal.path, settings: .test(), readsOnly: true)
        #expect(Terminal.write([1, 2, 3], to: terminal.descriptor) == 3)
        #expect(Terminal.read(3, from: port.descriptor) == [1, 2, 3])
        #expect(Terminal.write([4], to: port.descriptor) == -1 && errno == EBADF)
        try port.set(.test(baud: 115_200))
        #expect(Terminal.events(of: terminal.descriptor, waiting: false) == 0)
    }

    @Test("this side of a pseudo-terminal tells what the other was set to")
    func tellsMode() throws {
        let terminal = try PseudoTerminal()
        for (baud, format) in [(9_600, "8N1"), (250_000, "8N2")] {
            let port = try SerialPort(opening: terminal.path, settings: .test(baud: baud, format: format))
            let mode = try #require(SerialPortMode(descriptor: terminal.descriptor))
            #expect(mode.baud == baud && mode.format?.description == format)
            _ = port.path
        }
        #expect(SerialPortMode(descriptor: -1) == nil)
    }
}
