@testable import Broker
import Modbus
import Testing

/// R11: a range about which a unit says nothing rests by itself, and known reads.
@Suite final class RestingRangesTests {
    private var resting = RestingRanges()
    private var known = KnownReads()

    private func at(_ seconds: Int) -> Instant { .start + .seconds(seconds) }

    private func range(_ address: UInt16, _ quantity: UInt16 = 1) throws -> ReadRange {
        try #require(ReadRange(.holding(address, quantity)))
    }

    @Test func `R11 a range rests from its second silence on, 15 s, doubling to 5 min`() throws {
        let range = try range(30_000)
        resting.noteSilence(of: range, times: 1, at: at(0))
        #expect(resting.state(of: range, at: at(0)) == .awake)
        var now = 0
        for seconds in [15, 30, 60, 120, 240, 300, 300] {
            resting.noteSilence(of: range, times: 1, at: at(now))
            #expect(resting.state(of: range, at: at(now + seconds) - .nanoseconds(1)) == .resting)
            now += seconds
            #expect(resting.state(of: range, at: at(now)) == .rested)
        }
    }

    @Test func `R11 this function, address and quantity rest, and no other`() throws {
        let (range, containing, input) = (try range(3001), try range(3000, 60), try #require(ReadRange(.input(3001))))
        resting.noteSilence(of: range, times: 2, at: at(0))
        #expect(resting.state(of: range, at: at(1)) == .resting)
        #expect(resting.state(of: containing, at: at(1)) == .awake)
        #expect(resting.state(of: input, at: at(1)) == .awake)
    }

    @Test func `R11 an answer ends the rest`() throws {
        let range = try range(3001)
        resting.noteSilence(of: range, times: 2, at: at(0))
        resting.noteAnswer(to: range)
        #expect(resting.state(of: range, at: at(1)) == .awake && resting.isEmpty)
    }

    @Test func `R11 at most 256 ranges rest: the oldest is forgotten`() throws {
        for address in 0...UInt16(256) { resting.noteSilence(of: try range(address), times: 2, at: at(0)) }
        let (first, second) = (try range(0), try range(1))
        #expect(resting.state(of: first, at: at(1)) == .awake)
        #expect(resting.state(of: second, at: at(1)) == .resting)
    }

    @Test func `R11 a known read that failed twice is known no more, if the unit gave a sign of life since its answer`() throws {
        let range = try range(0)
        known.noteAnswer(to: range, at: at(0))
        let stillKnown = [at(0), at(0), at(1)].map { known.noteFailure(of: range, lastSign: $0) }
        #expect(stillKnown == [true, true, false])
        #expect(!known.contains(range))
    }

    @Test func `R11 the latest 256 reads are known`() throws {
        for address in 0..<UInt16(256) { known.noteAnswer(to: try range(address), at: at(Int(address))) }
        known.noteAnswer(to: try range(0), at: at(300))
        known.noteAnswer(to: try range(999), at: at(301))
        let (first, second, last) = (try range(0), try range(1), try range(999))
        #expect(known.contains(first) && !known.contains(second) && known.contains(last))
        #expect(known.latest == last)
    }
}
