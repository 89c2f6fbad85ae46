import Broker
import Modbus
import Testing

@testable import Simulator

/// Which requests the rules strike.
struct FaultInjectorTests {
    private static let loss = Fault(LossFault())

    private static func injector(_ text: String, seed: UInt64 = 1) throws -> FaultInjector {
        FaultInjector(
            try FaultRules(text).rules, seed: seed, start: .start + .seconds(100))
    }

    private static func read(_ address: UInt16, _ quantity: UInt16 = 1, unit: UnitIdentifier = 1) -> RTUFrame {
        RTUFrame(unit: unit, pdu: PDU(read: .readHoldingRegisters, address: address, quantity: quantity))
    }

    /// The fault of a request so long after the start.
    private static func fault(
        _ injector: FaultInjector, _ request: RTUFrame = read(0), client: String? = nil, after: Duration = .zero
    ) -> Fault? {
        injector.fault(for: request, of: client, at: .start + .seconds(100) + after)
    }

    @Test(
        "a rule strikes the requests that meet its conditions, and no other",
        arguments: [
            ("unit 1-3", read(0, unit: 3), true), ("unit 1-3", read(0, unit: 4), false),
            ("unit 0", read(0, unit: 0), true), ("unit 0", read(0), false),
            ("function 3", read(0), true), ("function 4-255", read(0), false),
            ("registers 10-20", read(0, 10), false), ("registers 10-20", read(0, 11), true),
            ("registers 10-20", read(20), true), ("registers 10-20", read(21, 100), false),
            ("registers 65535", read(65535), true), ("registers 65535", read(65411, 124), false),
            ("registers 5", RTUFrame(unit: 1, pdu: PDU(write: .writeSingleRegister, address: 5, value: 0)), true),
            ("registers 5", RTUFrame(unit: 1, pdu: PDU(write: .writeSingleRegister, address: 6, value: 5)), false),
            ("registers 5", RTUFrame(unit: 1, pdu: PDU(read: .readCoils, address: 0, quantity: 6)), true),
            ("registers 5", RTUFrame(unit: 1, pdu: PDU(read: .init(rawValue: 0x20), address: 5, quantity: 1)), true),
        ])
    func conditions(_ condition: String, _ request: RTUFrame, _ strikes: Bool) throws {
        let injector = try Self.injector("loss \(condition)")
        #expect(Self.fault(injector, request) == (strikes ? Self.loss : nil))
    }

    @Test func `registers of a function of unknown layout are not struck`() throws {
        let request = RTUFrame(unit: 1, pdu: try PDU([0x65, 0, 5]))
        #expect(Self.fault(try Self.injector("loss registers 0-65535"), request) == nil)
        #expect(Self.fault(try Self.injector("loss"), request) == Self.loss)
    }

    @Test(
        "a client is struck by the beginning of its name, and nobody on a line",
        arguments: [
            ("TCP:127.0.0.1", "TCP:127.0.0.1:4711", true), ("TCP", "SHINE", false), ("SHINE", "SHINE", true),
            ("SHINE", nil, false),
        ] as [(String, String?, Bool)])
    func clients(_ rule: String, _ client: String?, _ strikes: Bool) throws {
        #expect(Self.fault(try Self.injector("loss client \(rule)"), client: client) == (strikes ? Self.loss : nil))
    }

    @Test func `a rule strikes from the first instant of its window to before the last`() throws {
        let injector = try Self.injector("loss from 1s until 2s")
        let struck = [0, 999, 1000, 1999, 2000, 100_000].map {
            Self.fault(injector, after: .milliseconds($0)) == Self.loss
        }
        #expect(struck == [false, false, true, true, false, false])
    }

    @Test func `the first rule that applies and strikes decides`() throws {
        let injector = try Self.injector("loss unit 2; duplicate 0%; exception code 6; crc")
        #expect(Self.fault(injector)?.request == .refused(.init(rawValue: 6)))
        #expect(Self.fault(injector, Self.read(0, unit: 2)) == Self.loss)
    }

    @Test(arguments: 1...5)
    func `a rule strikes as often as its probability says`(_ seed: Int) throws {
        let injector = try Self.injector("loss 5%; duplicate 10%", seed: UInt64(seed))
        let faults = (0..<20_000).map { _ in Self.fault(injector) }
        // Five standard deviations: 31 and 42.
        #expect(abs(faults.count { $0 == Self.loss } - 1000) < 155, "seed \(seed)")
        #expect(abs(faults.count { $0 == Fault(DuplicateFault()) } - 1900) < 210, "seed \(seed)")
    }

    @Test func `what is drawn stays within its range`() throws {
        let injector = try Self.injector("delay 50% by 20ms-30ms; late 50% by 1ms-2ms; tail by 10ms")
        for _ in 0..<2000 {
            switch Self.fault(injector)?.kind {
            case let fault as DelayFault: #expect((.milliseconds(20) ... .milliseconds(30)).contains(fault.delay))
            case let fault as LateFault: #expect((.milliseconds(1) ... .milliseconds(2)).contains(fault.lateness))
            case let fault as TailFault: #expect((.zero ... .milliseconds(210)).contains(fault.delay))
            case let other: Issue.record("\(other.debugDescription)")
            }
        }
    }

    @Test func `a tail has its mean`() throws {
        let injector = try Self.injector("tail by 10ms")
        var sum: Duration = .zero
        for _ in 0..<20_000 {
            if let tail = Self.fault(injector)?.kind as? TailFault { sum += tail.delay }
        }
        let mean = sum / 20_000
        #expect(mean > .milliseconds(9) && mean < .milliseconds(12), "\(mean)")
    }

    @Test func `one seed and the same requests give the same faults, another seed others`() throws {
        let text = "loss 20%; late 20%; crc 20%; noise-before 20%; split 50%; truncated"
        let faults = try ([7, 7, 8] as [UInt64]).map { seed in
            let injector = try Self.injector(text, seed: seed)
            return (0..<200).map { Self.fault(injector, Self.read(UInt16($0))) }
        }
        #expect(faults[0] == faults[1])
        #expect(faults[0] != faults[2])
    }

    @Test func `a unit that fell asleep hears nothing for so long, and the others hear`() throws {
        let injector = try Self.injector("asleep for 2s function 6 unit 1")
        let write = RTUFrame(unit: 1, pdu: .write(1))
        #expect(Self.fault(injector, write)?.request == .unheard(.seconds(2)))
        #expect(Self.fault(injector, after: .milliseconds(500))?.request == .unheard(.milliseconds(1500)))
        #expect(Self.fault(injector, Self.read(0, unit: 2), after: .milliseconds(500)) == nil)
        #expect(Self.fault(injector, after: .seconds(2)) == nil)
    }

    @Test func `a line that is unplugged is so for all units`() throws {
        let injector = try Self.injector("unplugged for 2s until 1s")
        #expect(Self.fault(injector)?.request == .unplugged(.seconds(2)))
        #expect(Self.fault(injector, Self.read(0, unit: 2), after: .seconds(1))?.request == .unplugged(.seconds(1)))
        #expect(Self.fault(injector, after: .seconds(2)) == nil)
    }
}
