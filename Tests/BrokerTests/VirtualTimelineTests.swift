import Broker
import Simulator
import Testing

/// The time of all these tests.
@Suite struct VirtualTimelineTests {
    private let timeline = VirtualTimeline()

    private final class Log {
        var entries: [String] = []
    }

    private let log = Log()

    private func note(_ name: String, at milliseconds: Int) {
        timeline.schedule(at: .start + .milliseconds(milliseconds)) { [log] in log.entries.append(name) }
    }

    @Test func `what is due first happens first, and of the same instant what was set first`() {
        for (name, instant) in [("c", 3), ("a", 1), ("b1", 2), ("b2", 2), ("a2", 1)] { note(name, at: instant) }
        timeline.run(until: .start + .milliseconds(3))
        #expect(log.entries == ["a", "a2", "b1", "b2", "c"])
    }

    @Test func `time stands still until it is told to pass`() {
        note("a", at: 5)
        #expect(timeline.now == .start)
        timeline.run(until: .start + .milliseconds(4))
        #expect(log.entries.isEmpty && timeline.now == .start + .milliseconds(4))
        #expect(!timeline.step(until: .start + .milliseconds(4)))
        #expect(timeline.step())
        #expect(timeline.now == .start + .milliseconds(5))
        #expect(!timeline.step())
    }

    @Test func `what is set for the past happens next, and time does not go back`() {
        timeline.run(until: .start + .seconds(1))
        note("late", at: 5)
        #expect(timeline.step())
        #expect(timeline.now == .start + .seconds(1))
    }

    @Test func `a timer fires once, at what was set last`() {
        let timer = timeline.makeTimer { [log, timeline] in log.entries.append("\(timeline.now.nanoseconds)") }
        timer.set(.start + .nanoseconds(10))
        timer.set(.start + .nanoseconds(30))
        timer.set(.start + .nanoseconds(20))
        timeline.run(until: .start + .seconds(1))
        #expect(log.entries == ["20"])
    }

    @Test func `a timer that is unset or gone does not fire`() {
        let timer = timeline.makeTimer { [log] in log.entries.append("unset") }
        timer.set(.start + .nanoseconds(10))
        timer.set(nil)
        timeline.makeTimer { [log] in log.entries.append("gone") }.set(.start + .nanoseconds(10))
        timeline.run(until: .start + .seconds(1))
        #expect(log.entries.isEmpty)
    }

    @Test func `thousands of events keep their order`() {
        var random = RandomSource(seed: 7)
        var instants: [Int64] = []
        for _ in 0..<5000 {
            let instant = Instant(nanoseconds: Int64.random(in: 0..<1000, using: &random))
            timeline.schedule(at: instant) { [log, timeline] in log.entries.append("\(timeline.now.nanoseconds)") }
            instants.append(instant.nanoseconds)
        }
        timeline.run(until: .start + .seconds(1))
        #expect(log.entries == instants.sorted().map { "\($0)" })
    }
}

@Suite struct RandomSourceTests {
    private func numbers(_ seed: UInt64) -> [UInt64] {
        var random = RandomSource(seed: seed)
        return (0..<100).map { _ in random.next() }
    }

    @Test func `the same seed gives the same sequence, another seed another`() {
        #expect(numbers(1) == numbers(1))
        #expect(numbers(1) != numbers(2))
    }

    @Test func `the sequence is that of SplitMix64`() {
        #expect(numbers(0).prefix(3) == [0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4, 0x06C4_5D18_8009_454F])
    }

    @Test func `chances and durations keep their limits`() {
        var random = RandomSource(seed: 3)
        let durations = (0..<1000).map { _ in random.duration(.milliseconds(1) ... .milliseconds(2)) }
        #expect(durations.allSatisfy { (.milliseconds(1) ... .milliseconds(2)).contains($0) })
        let (never, always) = (
            (0..<100).contains { _ in random.chance(0) }, (0..<100).allSatisfy { _ in random.chance(1) }
        )
        #expect(!never && always)
    }

    @Test func `what a split generator draws does not depend on the other`() {
        var (left, right) = (RandomSource(seed: 5), RandomSource(seed: 5))
        var (first, second) = (left.split(), right.split())
        _ = left.next()
        let (firsts, seconds) = ((0..<10).map { _ in first.next() }, (0..<10).map { _ in second.next() })
        #expect(firsts == seconds)
    }
}
