@testable import Broker
import Modbus
import Testing

/// R7 and R2: pauses and silences.
@Suite struct BusPacingTests {
    @Test(arguments: [
        (9600, Duration.nanoseconds(1_041_666) * 7 / 2), (19_200, .nanoseconds(520_833) * 7 / 2),
        (19_201, .microseconds(1750)), (115_200, .microseconds(1750)),
    ])
    func `R2 t3·5 is 3·5 characters up to 19,200 baud, and 1·75 ms above`(baud: Int, silence: Duration) {
        #expect(LineTiming(baud: baud, bitsPerCharacter: 10).interFrameSilence == silence)
    }

    @Test func `R7 another silence can be set, also none`() {
        #expect(LineTiming(baud: 9600, bitsPerCharacter: 11, silence: .zero).interFrameSilence == .zero)
        #expect(LineTiming(baud: 9600, bitsPerCharacter: 11, silence: .seconds(1)).interFrameSilence == .seconds(1))
        #expect(LineTiming(baud: 9600, bitsPerCharacter: 11, silence: .seconds(1)).frameEnd == .seconds(1))
        #expect(LineTiming(baud: 9600, bitsPerCharacter: 11, silence: .seconds(1)).frameGap == .seconds(1))
        #expect(LineTiming(baud: 9600, bitsPerCharacter: 11, silence: .zero).frameEnd == .milliseconds(25))
    }

    @Test(arguments: [Duration.zero, .milliseconds(1), .milliseconds(100), .milliseconds(500), .seconds(2)])
    func `R7 min-period runs from the last byte received, and is at least t3·5`(minPeriod: Duration) throws {
        let bench = Bench { $0.minPeriod = minPeriod }
        bench.line.respond = Unit.answering(after: .milliseconds(50))
        let first = bench.ask(.holding(0))
        bench.ask(.holding(1))
        bench.run(.seconds(5))
        let silence = bench.settings.timing.interFrameSilence
        #expect(silence == .microseconds(3500))
        #expect(bench.line.instants[1] == (try #require(first.exchange)).finished + max(minPeriod, silence))
        bench.finish()
    }

    @Test func `R7 a timeout counts as pause`() {
        let bench = Bench { ($0.retries, $0.minPeriod) = (0, .milliseconds(500)) }
        bench.ask(.holding(0))
        bench.ask(.input(0))
        bench.run(.seconds(5))
        #expect(bench.line.instants[1] == bench.line.instants[0] + .milliseconds(8 + 900))
        bench.finish()
    }

    @Test func `R7 a retry needs only t3·5`() {
        let bench = Bench { $0.minPeriod = .seconds(2) }
        bench.line.respond = Unit.inTurn(
            { _ in [(.milliseconds(880), [0x01, 0x03])] }, Unit.answering(after: .milliseconds(30)))
        let asked = bench.ask(.holding(0))
        bench.run(.seconds(5))
        #expect(asked.exchange?.attempts == 2)
        // The gap of 100 ms behind the two bytes is longer than t3.5.
        #expect(bench.line.instants[1] == bench.line.instants[0] + .milliseconds(8 + 880 + 100))
        bench.finish()
    }

    @Test func `R7 with silence 0 and min-period 0 requests follow each other at once`() throws {
        let bench = Bench {
            $0.minPeriod = .zero
            $0.timing = LineTiming(baud: 10_000, bitsPerCharacter: 10, silence: .zero)
        }
        bench.line.respond = Unit.answering(after: .milliseconds(5))
        let first = bench.ask(.holding(0))
        bench.ask(.holding(1))
        bench.run(.seconds(1))
        #expect(bench.line.instants[1] == (try #require(first.exchange)).finished)
        bench.finish()
    }

    @Test func `R7 noise on the idle line needs only a silence behind it`() {
        let bench = Bench { $0.minPeriod = .seconds(1) }
        bench.run(.seconds(5))
        bench.line.deliver([0xFF], at: bench.now)
        bench.run(.milliseconds(1))
        bench.ask(.holding(0))
        bench.run(.seconds(1))
        #expect(bench.line.instants.first == .start + .seconds(5) + .microseconds(3500))
        bench.finish()
    }

    @Test func `R7 a valid frame on the idle line is followed by the whole pause`() {
        let bench = Bench { $0.minPeriod = .seconds(1) }
        bench.run(.seconds(5))
        bench.line.deliver(RTUFrame(unit: 1, pdu: .holding(0)).bytes, at: bench.now)
        bench.run(.milliseconds(1))
        bench.ask(.input(0))
        bench.run(.seconds(3))
        #expect(bench.line.instants.first == .start + .seconds(6))
        bench.finish()
    }

    @Test func `R7 the pause runs from the opening of the line`() {
        let bench = Bench { $0.minPeriod = .milliseconds(500) }
        bench.ask(.holding(0))
        bench.run(.seconds(1))
        #expect(bench.line.instants.first == .start + .milliseconds(500))
        bench.finish()
    }
}
