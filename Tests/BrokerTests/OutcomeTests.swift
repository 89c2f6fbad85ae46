@testable import Broker
import Modbus
import Simulator
import Testing

/// R10: what a client gets, row by row.
@Suite struct OutcomeTests {
    /// A failure, the exception of a Modbus TCP client, and that of a serial client.
    static let failures: [(BrokerError, UInt8?, UInt8?)] = [
        (.noReply, 0x0B, nil), (.silentUnit, 0x0B, nil), (.expiredOnLine, 0x0B, nil),
        (.unavailable, 0x0A, nil),
        (.overloaded, 0x06, nil), (.expired, 0x06, nil), (.stopping, 0x0A, nil), (.lent, 0x0A, nil),
        (.refused(.illegalFunction), 0x01, 0x01), (.refused(.illegalDataAddress), 0x02, 0x02),
        (.refused(.illegalDataValue), 0x03, 0x03),
        (.withdrawn, nil, nil),
    ]

    @Test(arguments: failures.indices)
    func `R10 a TCP client is told the exception of the table`(index: Int) {
        let (error, code, _) = Self.failures[index]
        let bench = TCPBench()
        bench.ask(.holding(0))
        bench.backend.answer(.holding(0), .failure(error))
        // What a full queue had no room for is told at its deadline.
        bench.run(.seconds(5))
        #expect(bench.replies.map(\.pdu) == (code.map { [.raw(0x83, $0)] } ?? []), "\(error)")
        #expect(bench.ends == [code == nil ? .suppressed : .delivered])
    }

    @Test(arguments: failures.indices)
    func `R10 a serial client gets silence, unless a policy refuses`(index: Int) {
        let (error, _, code) = Self.failures[index]
        let bench = SerialBench()
        bench.ask(.holding(0))
        bench.backend.answer(.holding(0), .failure(error))
        #expect(bench.heard == (code.map { [.raw(0x83, $0)] } ?? []), "\(error)")
        bench.expectEachEndedOnce()
    }

    /// Requests that no unit need see, and the exception that a TCP client gets.
    static let malformed: [(PDU, UInt8)] = [
        (.holding(0, 0), 0x03), (.holding(0, 126), 0x03), (.input(0, 0), 0x03), (.raw(0x01, 0, 0, 0x07, 0xD1), 0x03),
        (.holding(0xFFFF, 2), 0x02), (.raw(0x10, 0xFF, 0xFF, 0, 2, 4, 0, 0, 0, 0), 0x02),
        (.raw(0x10, 0, 0, 0, 2, 3, 0, 0, 0), 0x03), (.raw(0x05, 0, 0, 0x12, 0x34), 0x03), (.raw(0x03, 0, 0), 0x03),
    ]

    @Test(arguments: malformed.indices)
    func `R10 a malformed request is refused without the bus`(index: Int) {
        let (pdu, code) = Self.malformed[index]
        let bench = TCPBench()
        bench.ask(pdu)
        #expect(bench.replies.map(\.pdu) == [.raw(pdu.function.rawValue | 0x80, code)])
        #expect(bench.backend.submitted.isEmpty)
        #expect(bench.session.outstanding == 0)
    }

    @Test(arguments: [UInt8(0x00), 0x80, 0x83, 0xFF])
    func `R10 a function that is none is refused with exception 1`(function: UInt8) {
        let bench = TCPBench()
        bench.ask(.raw(function, 0, 0))
        #expect(bench.replies.map(\.pdu) == [.raw(function | 0x80, 0x01)])
        #expect(bench.backend.submitted.isEmpty)
    }

    @Test(arguments: [PDU.holding(0, 126), .holding(0, 0), .holding(0xFFFF, 2)])
    func `R10 a serial client hears nothing of a malformed request, and the bus neither`(pdu: PDU) {
        let bench = SerialBench()
        bench.ask(pdu)
        bench.run(.seconds(1))
        #expect(bench.heard.isEmpty && bench.submitted.isEmpty)
        #expect(bench.ends == [.suppressed])
    }

    @Test(arguments: [UInt8(0x01), 0x02, 0x0B])
    func `R10 the exception of a unit is passed on unchanged to both`(code: UInt8) {
        let exception = RTUFrame(unit: 1, pdu: .raw(0x83, code))
        let (tcp, serial) = (TCPBench(), SerialBench())
        tcp.ask(.holding(0))
        serial.ask(.holding(0))
        tcp.backend.answer(.holding(0), .success(exception))
        serial.backend.answer(.holding(0), .success(exception))
        #expect(tcp.replies.map(\.pdu) == [exception.pdu])
        #expect(serial.heard == [exception.pdu])
    }

    @Test func `R10 a read of unit 0 is answered to TCP with unit 0, to a serial client as the unit spoke`() {
        let (tcp, serial) = (TCPBench(), SerialBench())
        tcp.ask(.holding(43), unit: 0)
        serial.ask(.holding(43), unit: 0)
        tcp.backend.answer(.holding(43))
        serial.backend.answer(.holding(43))
        #expect(tcp.replies.map(\.unit) == [0])
        #expect(serial.heard == [.raw(3, 2, 0x12, 0x34)])
    }
}

/// R10: writes to unit 0.
@Suite struct AccessPolicyTests {
    @Test(arguments: [PDU.write(0, 1), .raw(0x10, 0, 0, 0, 1, 2, 0, 1), .unknown])
    func `R10 a TCP client may not write to unit 0`(pdu: PDU) {
        let bench = TCPBench(policy: .init())
        bench.ask(pdu, unit: 0)
        #expect(bench.replies.map(\.pdu) == [.raw(pdu.function.rawValue | 0x80, 0x01)])
        #expect(bench.backend.submitted.isEmpty)
    }

    @Test func `R10 a TCP client may write to unit 0 where it is allowed`() {
        var settings = AccessPolicy.Settings()
        settings.allowsBroadcast = true
        let bench = TCPBench(policy: settings)
        bench.ask(.write(0, 1), unit: 0)
        #expect(bench.backend.submitted.count == 1)
    }

    @Test func `R10 a TCP client may read unit 0, and write to others`() {
        let bench = TCPBench(policy: .init())
        bench.ask(.holding(43), transaction: 1, unit: 0)
        bench.ask(.write(0, 1), transaction: 2, unit: 1)
        #expect(bench.backend.submitted.count == 2)
    }

    @Test func `R10 a serial client may write to unit 0, and no reply is awaited`() {
        let bus = Bench()
        var settings = AccessPolicy.Settings()
        settings.allowsBroadcast = true
        let policy = AccessPolicy(settings, timeline: bus.timeline, next: bus.bus)
        let serial = SerialBench(bus.timeline, path: DirectPath(to: policy))
        serial.ask(.write(0, 1), unit: 0)
        serial.run(.seconds(5))
        #expect(bus.line.transmissions.map(\.frame) == [RTUFrame(unit: 0, pdu: .write(0, 1))])
        #expect(serial.heard.isEmpty)
        serial.expectEachEndedOnce()
        bus.finish()
    }

    @Test func `R10 what is withdrawn is withdrawn behind the policy`() {
        let bench = TCPBench(policy: .init())
        bench.ask(.holding(0))
        bench.session.close()
        #expect(bench.backend.withdrawn.count == 1)
    }
}
