import Broker
import Glibc
import Modbus
import NIOCore
import SerialLine
import Testing

@testable import Transport

/// What programs set a virtual port to, and leave behind.
@Suite struct PseudoTerminalModeTests {
    private typealias Bench = PseudoTerminalBench.Handle

    private static let setExclusive: UInt = 0x540C
    private static let getExclusive: UInt = 0x8004_5440

    private static func isExclusive(_ program: Program) -> Bool {
        var isExclusive: Int32 = 0
        #expect(ioctl(program.descriptor, getExclusive, &isExclusive) == 0)
        return isExclusive != 0
    }

    @Test(arguments: [CSIZE | CS7 | PARENB, CS8 | PARENB | PARODD | CSTOPB, CS8 | HUPCL | CSTOPB])
    func `whatever speed and format a program sets, all bytes pass unchanged`(control: Int32) async throws {
        let bench = try await Bench()
        try await bench.start()
        // The second one finds what the first one has set.
        for turn: UInt16 in 0..<2 {
            let program = try Program(bench.path)
            program.setMode {
                cfmakeraw(&$0)
                $0.c_cflag = tcflag_t(control | CREAD | CLOCAL)
                cfsetspeed(&$0, speed_t(B9600))
            }
            // XON and XOFF, a break character, a line feed, and bytes with eight bits.
            for address: UInt16 in [0x1113, 0x0304, 0x0A0D, 0xFFFC].map({ $0 + turn }) {
                program.write(Program.readRequest(address))
                try await bench.until("the query") { $0.backend.queries.last?.address == address }
                try await bench.answerOldest()
                #expect(program.read(7) == Program.reply(address))
            }
            program.close()
            try await bench.connected(0)
        }
        try await bench.stop()
    }

    @Test func `the mode of an interactive terminal, exclusive use and stopped output do not outlive their program`()
        async throws
    {
        let bench = try await Bench()
        try await bench.start()
        let first = try Program(bench.path)
        first.setMode {
            $0.c_iflag = tcflag_t(ICRNL | IXON | ISTRIP)
            $0.c_oflag = tcflag_t(OPOST | ONLCR)
            $0.c_lflag = tcflag_t(ICANON | ECHO | ISIG)
        }
        #expect(ioctl(first.descriptor, Self.setExclusive) == 0)
        #expect(tcflow(first.descriptor, TCOOFF) == 0)
        try await bench.connected(1)
        first.close()
        try await bench.connected(0)
        // It sets nothing for itself.
        let second = try Program(bench.path)
        #expect(!Self.isExclusive(second))
        second.write(Program.readRequest(0x0A0D))
        _ = try await bench.queries(1)
        try await bench.answerOldest()
        #expect(second.read(7) == Program.reply(0x0A0D))
        second.write(Program.readRequest(0x1113))
        #expect(try await bench.queries(2).map(\.address) == [0x0A0D, 0x1113])
        second.close()
        try await bench.stop()
    }

    @Test func `a program that opens the port again at once keeps what it has set`() async throws {
        let bench = try await Bench()
        try await bench.start()
        let path = bench.path
        let first = try Program(path)
        try await bench.connected(1)
        let second = try await bench.on { _ in
            first.close()
            let second = try Program(path)
            second.setMode {
                $0.c_cc.16 = 9
                cfsetspeed(&$0, speed_t(B57600))
            }
            return second
        }
        second.write(Program.readRequest(1))
        _ = try await bench.queries(1)
        second.setMode {
            #expect($0.c_cc.16 == 9)
            #expect(cfgetospeed(&$0) == speed_t(B57600))
        }
        second.close()
        try await bench.stop()
    }

    @Test func `of two programs at once the one that stays keeps the port to itself`() async throws {
        let bench = try await Bench()
        try await bench.start()
        let first = try Program(bench.path)
        let second = try Program(bench.path)
        #expect(ioctl(first.descriptor, Self.setExclusive) == 0)
        try await bench.connected(1)
        second.close()
        first.write(Program.readRequest(1))
        _ = try await bench.queries(1)
        #expect(Self.isExclusive(first))
        first.close()
        try await bench.stop()
    }

    @Test func `with echo the reply to a write is not taken for the next write`() async throws {
        let bench = try await Bench()
        try await bench.start()
        let program = try Program(bench.path)
        program.setMode { $0.c_lflag = tcflag_t(ECHO) }
        program.write(Program.writeRequest(1))
        _ = try await bench.queries(1)
        try await bench.answerOldest()
        #expect(program.read(8) == Program.writeRequest(1))
        program.write(Program.readRequest(2))
        #expect(try await bench.queries(2).map(\.address) == [1, 2])
        program.close()
        try await bench.stop()
    }
}
