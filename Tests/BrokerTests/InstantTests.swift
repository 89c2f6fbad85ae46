import Broker
import Testing

/// Arithmetic of instants, also where the numbers end.
@Suite struct InstantTests {
    @Test func `an instant plus a duration is later by it`() {
        #expect(Instant.start + .milliseconds(5) == Instant(nanoseconds: 5_000_000))
        #expect(Instant(nanoseconds: 7) - .nanoseconds(9) == Instant(nanoseconds: -2))
        #expect(Instant(nanoseconds: 7) - Instant(nanoseconds: 9) == .nanoseconds(-2))
    }

    @Test(arguments: [Duration.zero, .nanoseconds(1), .seconds(1), .seconds(Int64.max), .seconds(1e15)])
    func `beyond the distant future is the distant future`(duration: Duration) {
        #expect(Instant.distantFuture + duration == .distantFuture)
    }

    @Test func `an endless duration leads to the distant future from every instant after the start`() {
        #expect(Instant.start + .seconds(Int64.max) == .distantFuture)
        #expect(Instant(nanoseconds: 1) + .seconds(Int64.max) == .distantFuture)
    }

    @Test func `before the earliest instant is the earliest instant`() {
        let earliest = Instant(nanoseconds: .min)
        #expect(Instant.distantPast + .seconds(Int64.min) == earliest)
        #expect(Instant.distantPast - .seconds(Int64.max) == earliest)
        #expect(earliest - .nanoseconds(1) == earliest)
    }

    @Test func `to take away less than nothing does not lead beyond the distant future`() {
        #expect(Instant.distantFuture - .seconds(-1) == .distantFuture)
        #expect(Instant.start - .seconds(Int64.min) == .distantFuture)
    }

    @Test func `between the ends of time lies the longest duration`() {
        #expect(Instant.distantFuture - Instant.distantPast == .nanoseconds(Int64.max))
        #expect(Instant(nanoseconds: .min) - Instant.distantFuture == .nanoseconds(Int64.min))
    }

    @Test func `the distant past is so near that a pause may be added and times compared`() {
        #expect(Instant.distantPast + .seconds(3600) < .start)
        #expect(Instant.start - Instant.distantPast > .seconds(Int64(3600) * 24 * 365 * 100))
    }

    @Test func `a duration too long for nanoseconds is cut off on either side`() {
        #expect(Duration.seconds(Int64.max).nanoseconds == .max)
        #expect(Duration.seconds(Int64.min).nanoseconds == .min)
        #expect(Duration.seconds(9_223_372_036).nanoseconds == 9_223_372_036_000_000_000)
        #expect(Duration.seconds(9_223_372_037).nanoseconds == .max)
        #expect(Duration.seconds(-9_223_372_037).nanoseconds == .min)
    }

    @Test func `parts of a nanosecond are dropped`() {
        #expect(Duration(secondsComponent: 1, attosecondsComponent: 1_999_999_999).nanoseconds == 1_000_000_001)
        #expect(Duration.nanoseconds(-1).nanoseconds == -1)
    }
}
