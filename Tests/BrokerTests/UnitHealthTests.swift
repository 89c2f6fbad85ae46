@testable import Broker
import Modbus
import Testing

/// R11: which units answer.
@Suite final class UnitHealthTests {
    private func at(_ seconds: Int) -> Instant { .start + .seconds(seconds) }

    private var health = UnitHealth()

    private func failed(_ unit: UnitIdentifier = 1, isRead: Bool = true, at instant: Instant) -> Bool {
        health.failed(unit, isRead: isRead, at: instant)
    }

    private func replied(_ unit: UnitIdentifier, at instant: Instant) -> Bool { health.replied(unit, at: instant) }

    private func makeUnitSilent(at instant: Instant) {
        for _ in 0..<3 { _ = failed(at: instant) }
    }

    @Test func `R11 the third failure in a row makes a unit silent that never answered`() {
        #expect((0..<3).map { _ in failed(at: at(0)) } == [false, false, true])
        #expect(health.isSilent(1))
    }

    @Test func `R11 a reply between the failures starts the count again`() {
        _ = failed(at: at(0))
        _ = failed(at: at(0))
        #expect(!replied(1, at: at(0)))
        _ = failed(at: at(20))
        _ = failed(at: at(20))
        #expect(!health.isSilent(1))
        #expect(failed(at: at(20)))
    }

    @Test func `R11 a good reply protects for 10 s`() {
        _ = replied(1, at: at(0))
        for _ in 0..<5 { #expect(!failed(at: at(10))) }
        #expect(failed(at: at(10) + .nanoseconds(1)))
    }

    @Test func `R11 writes make a unit silent, too`() {
        #expect((0..<3).map { _ in failed(isRead: false, at: at(0)) } == [false, false, true])
    }

    @Test func `R11 the back-off begins with 1 s and doubles to 60 s`() {
        makeUnitSilent(at: at(0))
        var now = at(0)
        for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
            let due = now + .seconds(seconds)
            #expect(!health.isProbeDue(1, at: due - .nanoseconds(1)))
            #expect(health.isProbeDue(1, at: due))
            health.probeSent(to: 1, at: due)
            #expect(!health.isProbeDue(1, at: due))
            now = due
            #expect(!failed(at: now))
        }
    }

    @Test func `R11 failed writes do not lengthen the back-off`() {
        makeUnitSilent(at: at(0))
        for _ in 0..<10 { #expect(!failed(isRead: false, at: at(0))) }
        #expect(health.isProbeDue(1, at: at(1)))
    }

    @Test func `R11 a reply ends the silence and its back-off`() {
        makeUnitSilent(at: at(0))
        _ = failed(at: at(1))
        #expect(replied(1, at: at(2)))
        #expect(!health.isSilent(1))
        #expect(!replied(1, at: at(3)))
        for _ in 0..<3 { _ = failed(at: at(100)) }
        #expect(health.isProbeDue(1, at: at(101)))
    }

    @Test func `R11 unit 0 is counted apart`() {
        makeUnitSilent(at: at(0))
        #expect(!health.isSilent(0))
        for _ in 0..<3 { _ = failed(0, at: at(0)) }
        #expect(health.isSilent(0))
        #expect(replied(1, at: at(1)))
        #expect(health.isSilent(0))
        #expect(!health.isSilent(2))
    }

    @Test func `R12 all units are silent when one is and none has answered for so long`() {
        #expect(!health.isAllSilent(for: .seconds(60), at: at(100)))
        makeUnitSilent(at: at(0))
        #expect(health.isAllSilent(for: .seconds(60), at: at(0)))
        _ = replied(2, at: at(10))
        #expect(!health.isAllSilent(for: .seconds(60), at: at(69)))
        #expect(health.isAllSilent(for: .seconds(60), at: at(70)))
        _ = replied(1, at: at(70))
        #expect(!health.isAllSilent(for: .seconds(60), at: at(200)))
    }
}
