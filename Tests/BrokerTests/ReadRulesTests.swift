import Broker
import Modbus
import Testing

/// Which registers may be read (R10).
@Suite struct ReadRulesTests {
    private let bench = PolicyBench()
    private var policy: AccessPolicy { bench.policy }

    private static let input = ReadRules.Block(.readInputRegisters, 30000 ... .max)
    private static let meter = FunctionCode.readMeter

    /// Whether it was refused with 0x02 and without the line.
    private func isRefused(_ pdu: PDU, unit: UnitIdentifier = 1) -> Bool {
        let error = bench.ask(pdu, unit: unit)
        #expect(error == nil || error == .refused(.illegalDataAddress))
        return error != nil
    }

    private static func read(_ function: UInt8, _ address: UInt16, _ quantity: UInt16) -> PDU {
        PDU(read: FunctionCode(rawValue: function), address: address, quantity: quantity)
    }

    /// 0x17: reads there, and writes holding register 0.
    private static func readWrite(_ address: UInt16) -> PDU {
        .raw(0x17, UInt8(address >> 8), UInt8(address & 0xFF), 0, 1, 0, 0, 0, 1, 2, 0, 1)
    }

    @Test func `R10 a read that touches what is refused is refused with 0x02, and told`() {
        policy.settings.reads.refused = [Self.input]
        #expect(!isRefused(.input(29_990, 10)))
        #expect(bench.refusals.isEmpty)
        #expect(isRefused(.input(29_990, 11)))
        #expect(isRefused(.input(30_000)))
        #expect(isRefused(.input(65_535)))
        #expect(bench.refusals == Array(repeating: .read(.refused(Self.input)), count: 3))
        #expect(!isRefused(.holding(30_000)), "another table")
    }

    @Test(arguments: [0x01, 0x02, 0x03, 0x04, 0x20] as [UInt8])
    func `each function is a table of its own`(function: UInt8) {
        policy.settings.reads.refused = [.init(FunctionCode(rawValue: function), 10...19)]
        for other in [0x01, 0x02, 0x03, 0x04, 0x20] as [UInt8] {
            #expect(isRefused(Self.read(other, 19, 2)) == (other == function))
            #expect(!isRefused(Self.read(other, 20, 2)))
        }
    }

    @Test func `R10 what 0x17 reads is held to the rules of 0x03, and what it writes is not`() {
        policy.settings.reads.refused = [.init(.readHoldingRegisters, 30000 ... .max)]
        #expect(isRefused(Self.readWrite(30_000)))
        #expect(!isRefused(Self.readWrite(5)))
        policy.settings.reads = ReadRules()
        policy.settings.reads.refused = [.init(.readHoldingRegisters, 0...0)]
        #expect(!isRefused(Self.readWrite(5)))
        #expect(!isRefused(.write(0, 1)))
    }

    @Test func `what is allowed is all that may be read, in one block or in several that meet`() {
        policy.settings.reads.allowed = [
            .init(.readInputRegisters, 50...99), .init(.readInputRegisters, 0...49), .init(.readCoils, 7...7),
        ]
        #expect(!isRefused(.input(0, 100)))
        #expect(!isRefused(.input(40, 20)))
        #expect(!isRefused(Self.read(0x01, 7, 1)))
        for pdu in [.input(99, 2), .input(100), Self.read(0x01, 6, 2), .holding(0), Self.read(0x20, 0, 1)] {
            #expect(isRefused(pdu))
        }
        #expect(Set(bench.refusals) == [.read(.notAllowed)])
        #expect(!isRefused(.write(100, 1)), "a write reads nothing")
        #expect(!isRefused(.unknown), "nor does what has no address")
        policy.settings.reads.refused = [.init(.readInputRegisters, 10...10)]
        #expect(isRefused(.input(10)), "what is refused beats what is allowed")
        policy.settings.reads.allowed = []
        #expect(isRefused(.input(0)))
    }

    @Test func `a rule of one unit is for no other, and a read of unit 0 may be answered by it`() {
        policy.settings.reads.refused = [.init(.readInputRegisters, 0...9, unit: 2)]
        #expect(!isRefused(.input(0), unit: 1))
        #expect(isRefused(.input(0), unit: 2))
        #expect(isRefused(.input(0), unit: 0))
        policy.settings.reads = ReadRules()
        policy.settings.reads.allowed = [.init(.readInputRegisters, 0...9, unit: 2)]
        #expect(isRefused(.input(0), unit: 1))
        #expect(!isRefused(.input(0), unit: 2))
        #expect(isRefused(.input(0), unit: 0))
    }

    @Test func `the last address is no boundary`() {
        policy.settings.reads.allowed = [.init(.readHoldingRegisters, 65_000 ... .max)]
        #expect(!isRefused(.holding(65_411, 125)))
        #expect(isRefused(.holding(64_999, 2)))
    }

    @Test func `R10 a serial client hears the refusal, and the next read is served`() {
        policy.settings.reads.refused = [Self.input]
        let dongle = SerialBench(bench.queries.timeline, path: DirectPath(to: policy))
        dongle.ask(.input(30_000))
        #expect(dongle.heard == [PDU(exception: .illegalDataAddress, to: .readInputRegisters)])
        #expect(bench.backend.submitted.isEmpty)
        dongle.ask(.input(3000))
        #expect(bench.backend.submitted.map(\.pdu) == [.input(3000)])
    }
}
