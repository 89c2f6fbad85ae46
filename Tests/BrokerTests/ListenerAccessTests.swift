import Broker
import Modbus
import Simulator
import Testing

/// Who may read and write what at one listener (R10).
@Suite struct ListenerAccessTests {
    private let bench = PolicyBench()
    private var policy: AccessPolicy { bench.policy }

    private func ask(_ pdu: PDU, unit: UnitIdentifier = 1, rights: Client.Rights = .everything) -> BrokerError? {
        bench.ask(pdu, unit: unit, by: Client(kind: .tls, name: "TLS:a", address: "a", rights: rights))
    }

    static let reads: [PDU] = [
        .raw(0x01, 0, 0, 0, 1), .raw(0x02, 0, 0, 0, 1), .holding(0), .input(0), .raw(0x20, 0, 0, 0, 1),
    ]
    static let writes: [PDU] = [
        .raw(0x05, 0, 0, 0xFF, 0), .write(0, 1), .raw(0x0F, 0, 0, 0, 1, 1, 1), .raw(0x10, 0, 0, 0, 1, 2, 0, 1),
        .raw(0x16, 0, 0, 0, 0, 0, 1), .raw(0x17, 0, 0, 0, 1, 0, 0, 0, 1, 2, 0, 1),
        .unknown, .raw(0x2B, 0x0E, 0x01, 0x00), .raw(0x21, 0, 0, 0, 1),
    ]

    @Test(arguments: writes)
    func `R10 a read-only listener refuses every write with 0x01, and every unknown function`(pdu: PDU) {
        policy.settings.isReadOnly = true
        #expect(ask(pdu) == .refused(.illegalFunction))
        #expect(bench.refusals == [.readOnly])
    }

    @Test(arguments: reads)
    func `a read-only listener lets reads pass, and functions that look like them`(pdu: PDU) {
        policy.settings.isReadOnly = true
        #expect(ask(pdu) == nil)
        #expect(ask(pdu, unit: 0) == nil)
        #expect(bench.refusals.isEmpty)
    }

    @Test func `R10 a read-only listener refuses a write to all units, whatever else is allowed`() {
        policy.settings.isReadOnly = true
        policy.settings.allowsBroadcast = true
        #expect(ask(.write(0, 1), unit: 0) == .refused(.illegalFunction))
    }

    @Test(arguments: reads + writes)
    func `a certificate without a role may do nothing`(pdu: PDU) {
        #expect(ask(pdu, rights: .none) == .refused(.illegalFunction))
        #expect(bench.refusals == [.rights])
    }

    @Test func `a certificate that only reads is held to that, and one for everything is not`() {
        #expect(ask(.holding(0), rights: .reading) == nil)
        #expect(ask(.write(0, 1), rights: .reading) == .refused(.illegalFunction))
        #expect(ask(.write(0, 1), rights: .everything) == nil)
        policy.settings.isReadOnly = true
        #expect(ask(.write(0, 1), rights: .everything) == .refused(.illegalFunction))
        #expect(bench.refusals == [.rights, .readOnly])
    }

    @Test(arguments: writes)
    func `R10 who is no writer reads only, and a write of another client passes`(pdu: PDU) {
        policy.mayWrite = { $0.address != "a" }
        #expect(ask(pdu) == .refused(.illegalFunction))
        #expect(bench.refusals == [.noWriter])
        #expect(ask(.holding(0)) == nil)
        #expect(bench.ask(pdu, by: Client(kind: .tcp, name: "TCP:b:1", address: "b")) == nil)
    }

    @Test func `R10 a write to all units needs a permission; a read of unit 0 does not`() {
        #expect(ask(.write(0, 1), unit: 0) == .refused(.illegalFunction))
        #expect(ask(.unknown, unit: 0) == .refused(.illegalFunction))
        #expect(ask(.holding(0), unit: 0) == nil)
        policy.settings.allowsBroadcast = true
        #expect(ask(.write(0, 1), unit: 0) == nil)
        #expect(bench.refusals == [.broadcast, .broadcast])
    }

    @Test func `R10 registers that may not be written are refused with 0x02, also for all units`() {
        policy.settings.allowsBroadcast = true
        policy.settings.forbiddenWrites = [31]
        #expect(ask(.write(31, 1), unit: 0) == .refused(.illegalDataAddress))
        #expect(ask(.write(32, 1)) == nil)
        #expect(bench.refusals == [.forbiddenRegister(31)])
    }

    @Test func `settings hold from the next query on`() {
        let before = bench.queries.ask(.write(0, 1), of: policy)
        policy.settings.isReadOnly = true
        bench.backend.answer(.write(0, 1))
        #expect(before.reply != nil)
        #expect(ask(.write(0, 1)) == .refused(.illegalFunction))
        policy.settings.isReadOnly = false
        #expect(ask(.write(0, 1)) == nil)
    }

    @Test func `R13 the dongle stands before programs, however they come, and background reads behind them`() {
        let kinds: [Client.Kind] = [.dongle, .pty, .rtu, .tcp, .udp, .tls, .service, .background]
        #expect(kinds.map(\.readClass) == [1, 2, 2, 2, 2, 2, 2, 3])
    }
}
