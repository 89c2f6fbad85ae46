@testable import Broker
import Modbus
import Testing

/// R11: what is known of the units of a line, and R12: whether the line may be dead.
@Suite final class UnitHealthTests {
    private func at(_ seconds: Int) -> Instant { .start + .seconds(seconds) }

    private var health = LineHealth()
    private let client = Client(kind: .tcp, name: "TCP:10.0.0.1:1", address: "10.0.0.1")
    private let other = Client(kind: .tcp, name: "TCP:10.0.0.2:1", address: "10.0.0.2")
    private var number: UInt64 = 0

    private func query(_ pdu: PDU, _ unit: UnitIdentifier = 1, by client: Client? = nil) -> Query {
        number += 1
        return Query(
            number: number, client: client ?? self.client, unit: unit, pdu: pdu, isRead: pdu.function.rawValue < 5,
            arrived: .start, deadline: nil)
    }

    private func fail(_ pdu: PDU, _ unit: UnitIdentifier = 1, attempts: Int = 2, at seconds: Int) -> Bool {
        health.noteFailure(of: query(pdu, unit), attempts: attempts, at: at(seconds))
    }

    private func answer(_ pdu: PDU, _ unit: UnitIdentifier = 1, at seconds: Int) {
        _ = health.noteSign(of: unit, at: at(seconds))
        health.noteAnswer(to: query(pdu, unit), makesKnown: true, at: at(seconds))
    }

    private func verdict(_ pdu: PDU, by client: Client? = nil, at seconds: Int) -> UnitHealth.Verdict {
        health.verdict(on: query(pdu, by: client), at: at(seconds))
    }

    private func isReopened(at seconds: Int) -> Bool { health.takeReopening(at: at(seconds)) }

    private func ownRead(at instant: Instant) -> (unit: UnitIdentifier, range: ReadRange)? {
        health.takeOwnRead(at: instant)
    }

    private func sign(of unit: UnitIdentifier, at seconds: Int) -> [UnitIdentifier] {
        health.noteSign(of: unit, at: at(seconds))
    }

    private func makeStrangerSilent() {
        for address in UInt16(0)..<5 { _ = fail(.holding(address), at: 0) }
    }

    // MARK: When a unit is silent

    @Test func `R11 a unit of which nothing ever came is silent when five reads in a row failed`() {
        #expect((0..<5).map { fail(.holding(UInt16($0)), at: 0) } == [false, false, false, false, true])
        #expect(health.silent == [1] && health.live.isEmpty)
    }

    @Test func `R11 failed writes count neither way`() {
        for _ in 0..<20 { #expect(!fail(.write(0, 1), at: 0)) }
        for address in UInt16(0)..<4 { _ = fail(.holding(address), at: 0) }
        _ = fail(.write(0, 1), at: 0)
        #expect(!health.isSilent(1))
        #expect(fail(.holding(9), at: 0))
    }

    @Test func `R11 silence about something is no silence of the unit: the read that was answered last has to fail`() {
        answer(.holding(0), at: 0)
        for second in 11..<40 { #expect(!fail(.holding(30_000), at: second)) }
        #expect(health.nextOwnRead(after: at(40)) == at(40), "the broker asks it itself")
        #expect(ownRead(at: at(40))?.range.address == 0)
        #expect(fail(.holding(0), at: 41))
    }

    @Test func `R11 a sign of life protects for 10 s, and begins the count anew`() {
        answer(.holding(0), at: 0)
        for second in 1...9 { #expect(!fail(.holding(0), at: second)) }
        #expect(fail(.holding(0), at: 10))
        _ = health.noteSign(of: 1, at: at(20))
        #expect(!health.isSilent(1))
        #expect(!fail(.holding(0), at: 31) && !fail(.holding(0), at: 32))
    }

    @Test func `R11 a sign of life of any unit is one of unit 0`() {
        for address in UInt16(0)..<5 { _ = fail(.holding(address), 0, at: 0) }
        #expect(health.silent == [0])
        #expect(sign(of: 2, at: 1) == [0])
    }

    // MARK: A silent unit

    @Test func `R11 each client has 64 reads that are not known sent once, then one goes each 10 s`() {
        makeStrangerSilent()
        let verdicts = (0..<66).map { verdict(.input(UInt16($0)), at: 1) }
        #expect(verdicts.prefix(64).allSatisfy { $0 == .sendOnce })
        #expect(verdicts.suffix(2).allSatisfy { $0 == .refuse(.silentUnit) })
        #expect(verdict(.input(0), at: 2) == .refuse(.silentUnit))
        #expect(verdict(.input(0), by: other, at: 2) == .sendOnce, "another client has its own")
        #expect(verdict(.input(65), at: 12) == .sendOnce, "never tried: as if when the unit fell silent")
        #expect(verdict(.input(64), at: 13) == .refuse(.silentUnit))
    }

    @Test func `R11 the turns of the tries go by client`() {
        makeStrangerSilent()
        for address in UInt16(0)..<70 { _ = verdict(.input(address), at: 1) }
        for address in UInt16(0)..<64 { _ = verdict(.input(address), by: other, at: 2) }
        #expect(verdict(.input(69), at: 11) == .sendOnce)
        #expect(verdict(.input(68), at: 21) == .refuse(.silentUnit), "it is the other one's turn")
        #expect(verdict(.input(70), by: other, at: 21) == .sendOnce)
    }

    @Test func `R11 probes are known reads, by turns the one answered last and another one, from 1 s doubling to 60 s`()
    {
        answer(PDU(read: .readMeter, address: 0, quantity: 1), at: 0)
        for address in UInt16(0)..<3 { answer(.holding(address), at: Int(address)) }
        _ = verdict(.holding(2), at: 20)
        for second in [20, 21, 22] { _ = fail(.holding(2), at: second) }
        #expect(health.silent == [1])
        var now = 22
        var asked: [UInt16] = []
        for step in [1, 2, 4, 8, 16, 32, 60, 60] {
            #expect(health.nextOwnRead(after: at(now)) == at(now + step))
            now += step
            let own = health.takeOwnRead(at: at(now))
            asked.append(own?.range.address ?? .max)
            #expect(health.nextOwnRead(after: at(now)) == nil, "one at a time")
            health.ownReadEnded(of: 1, hasFailed: true, at: at(now))
        }
        #expect(asked == [2, 1, 2, 0, 2, 1, 2, 0])
    }

    @Test func `R11 probes stop an hour after somebody asked the unit last`() {
        answer(.holding(0), at: 0)
        _ = verdict(.holding(0), at: 20)
        for second in [20, 21, 22] { _ = fail(.holding(0), at: second) }
        var last = 0
        while let due = health.nextOwnRead(after: .start), due < at(100_000) {
            last = Int((due - .start).components.seconds)
            #expect(ownRead(at: due) != nil)
            health.ownReadEnded(of: 1, hasFailed: true, at: due)
        }
        #expect((3500...3620).contains(last))
        _ = verdict(.holding(0), at: 50_000)
        #expect(health.nextOwnRead(after: at(50_000)).map { $0 <= at(50_000) } == true)
    }

    @Test func `R11 of each client one known read that has not failed is sent to a silent unit`() {
        answer(.holding(0), at: 0)
        answer(.input(0), at: 1)
        for second in [20, 21, 22] { _ = fail(.input(0), at: second) }
        #expect(verdict(.input(0), at: 23) == .refuse(.silentUnit))
        #expect(verdict(.holding(0), at: 23) == .sendOnce)
        #expect(verdict(.holding(0), at: 24) == .refuse(.silentUnit))
        #expect(verdict(.holding(0), by: other, at: 24) == .sendOnce)
    }

    // MARK: R12

    @Test func `R12 a line is opened again only if it was asked, for a known read too, and then ever more rarely`() {
        answer(.holding(0), at: 0)
        #expect(!isReopened(at: 10_000), "quiet time does not count")
        for _ in 0..<6 { health.noteUnanswered(query(.holding(7))) }
        #expect(!isReopened(at: 10_000), "nothing known was asked")
        health.noteUnanswered(query(.holding(0)))
        #expect(!isReopened(at: 59))
        #expect(isReopened(at: 60))
        health.noteOpened(at: at(60))
        for _ in 0..<6 { health.noteUnanswered(query(.holding(0))) }
        #expect(!isReopened(at: 179))
        #expect(isReopened(at: 180))
        health.noteLineAlive(at: at(181))
        for _ in 0..<6 { health.noteUnanswered(query(.holding(0))) }
        #expect(isReopened(at: 241))
    }
}
