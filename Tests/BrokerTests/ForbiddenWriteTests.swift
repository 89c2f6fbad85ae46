import Broker
import Modbus
import Simulator
import Testing

/// The writes of serial clients that would start a firmware update.
@Suite struct ForbiddenWriteTests {
    private final class Notes {
        var registers: [UInt16] = []
    }

    private let timeline = VirtualTimeline()
    private let notes = Notes()

    private func ask(_ pdu: PDU, forbidden: [UInt16] = [31]) -> BrokerError? {
        var settings = AccessPolicy.Settings()
        settings.allowsBroadcast = true
        settings.forbiddenWrites = forbidden
        let backend = StubBackend(timeline)
        let policy = AccessPolicy(settings, timeline: timeline, next: backend) { [notes] event in
            guard case .refused(_, .access(.forbiddenRegister(let register)), _) = event else { return }
            notes.registers.append(register)
        }
        let query = Query(
            number: 1, client: Client(kind: .dongle, name: "A", address: "A"), unit: 1, pdu: pdu,
            isRead: pdu.function.isRead, arrived: timeline.now, deadline: nil)
        var error: BrokerError?
        policy.submit(query) { if case .failure(let failure) = $0.result { error = failure } }
        #expect(backend.submitted.isEmpty == (error != nil))
        return error
    }

    private static let mask = PDU.raw(0x16, 0, 31, 0, 1, 0, 2)
    private static let block = PDU.raw(0x10, 0, 30, 0, 2, 4, 0, 1, 0, 1)
    private static let readWrite = PDU.raw(0x17, 0, 0, 0, 1, 0, 31, 0, 1, 2, 0, 1)

    @Test(arguments: [PDU.write(31, 1), mask, block, readWrite])
    func `R10 every write of the dongle that touches a forbidden register is refused with 0x02, and told`(pdu: PDU) {
        #expect(ask(pdu) == .refused(.illegalDataAddress))
        #expect(notes.registers == [31])
    }

    @Test(arguments: [
        PDU.write(30, 1), .write(32, 1), .holding(31), .holding(0, 125), .unknown,
        .raw(0x10, 0, 29, 0, 2, 4, 0, 1, 0, 1),
        .raw(0x05, 0, 31, 0xFF, 0), .raw(0x0F, 0, 31, 0, 1, 1, 1), .raw(0x17, 0, 31, 0, 1, 0, 30, 0, 1, 2, 0, 1),
    ])
    func `reads, coils and writes of other registers go on`(pdu: PDU) {
        #expect(ask(pdu) == nil)
        #expect(notes.registers.isEmpty)
    }

    @Test func `it is about nothing without a list`() {
        #expect(ask(.write(31, 1), forbidden: []) == nil)
    }

    @Test func `R10 a dongle hears the refusal, but none of a write to all units`() {
        for (unit, isTold) in [(UnitIdentifier(rawValue: 1), true), (UnitIdentifier(rawValue: 0), false)] {
            let stub = StubBackend(timeline)
            var settings = AccessPolicy.Settings()
            settings.allowsBroadcast = true
            settings.forbiddenWrites = [31]
            let dongle = SerialBench(
                timeline, path: DirectPath(to: AccessPolicy(settings, timeline: timeline, next: stub)))
            dongle.ask(.write(31, 1), unit: unit)
            #expect(dongle.heard == (isTold ? [PDU(exception: .illegalDataAddress, to: .writeSingleRegister)] : []))
            #expect(stub.submitted.isEmpty)
            dongle.expectEachEndedOnce()
        }
    }

    @Test func `R5 a refusal that comes at once is not forwarded where a newer request came with the write`() {
        let stub = StubBackend(timeline)
        var settings = AccessPolicy.Settings()
        settings.forbiddenWrites = [31]
        let dongle = SerialBench(
            timeline, path: DirectPath(to: AccessPolicy(settings, timeline: timeline, next: stub)))
        dongle.ask(.write(31, 1), .write(40, 5))
        #expect(dongle.heard.isEmpty)
        stub.answer(.write(40, 5))
        #expect(dongle.heard == [.write(40, 5)])
        dongle.expectEachEndedOnce()
    }
}
