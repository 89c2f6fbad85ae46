import Broker
import Modbus
import Testing

/// R1, R2 and R3 on the line: one request at a time, and only a reply that fits.
@Suite struct BusTurnTests {
    @Test func `R1 the next request waits for the reply and for the pause`() throws {
        let bench = Bench { $0.minPeriod = .milliseconds(100) }
        bench.line.respond = Unit.answering(after: .milliseconds(50))
        let first = bench.ask(.holding(0))
        let second = bench.ask(.holding(1))
        bench.run(.seconds(2))
        #expect(bench.line.sent == [.holding(0), .holding(1)])
        let end = try #require(first.exchange).finished
        #expect(bench.line.instants[1] == end + .milliseconds(100))
        #expect(second.reply != nil)
        bench.finish()
    }

    @Test func `R1 no request is sent while a reply is being received, however slowly it comes`() throws {
        let bench = Bench { $0.minPeriod = .zero }
        let reply = Unit.reply(to: RTUFrame(unit: 1, pdu: .holding(0, 20))).bytes
        bench.line.respond = Unit.inTurn(
            { _ in
                // 20 ms between the bytes, beginning just before the timeout.
                reply.indices.map { (.milliseconds(800 + 20 * $0), [reply[$0]]) }
            },
            Unit.answering(after: .milliseconds(10)))
        let first = bench.ask(.holding(0, 20))
        bench.ask(.holding(1), by: bench.other)
        bench.run(.seconds(10))
        #expect(first.reply?.bytes == reply)
        let lastByte = bench.line.instants[0] + .milliseconds(8 + 800 + 20 * (reply.count - 1))
        let end = try #require(first.exchange).finished
        #expect(end == lastByte)
        #expect(bench.line.instants[1] >= end + bench.settings.timing.interFrameSilence)
        bench.finish()
    }

    @Test func `R1 no request is sent before the timeout of a silent one is over`() {
        let bench = Bench { $0.retries = 0 }
        bench.ask(.holding(0))
        bench.ask(.input(0))
        bench.run(.seconds(5))
        let answerable: Duration = .milliseconds(8 + 900)
        #expect(bench.line.instants.count == 2)
        #expect(bench.line.instants[1] - bench.line.instants[0] >= answerable)
        bench.finish()
    }

    @Test func `R1 nothing is sent before the line has been opened`() {
        let bench = Bench(isOpen: false)
        #expect(bench.ask(.holding(0)).error == .unavailable)
        #expect(bench.line.transmissions.isEmpty)
        bench.finish()
    }

    @Test func `R1 after a broadcast the units get their turnaround delay`() {
        let bench = Bench { $0.minPeriod = .zero }
        let broadcast = bench.ask(.write(1, 2), unit: 0)
        bench.ask(.holding(0))
        bench.run(.seconds(3))
        #expect(bench.line.instants[1] - bench.line.instants[0] == .milliseconds(8 + 100))
        #expect(broadcast.exchange?.source == .broker)
        bench.finish()
    }

    @Test func `R2 a reply with gaps inside is one reply`() {
        let bench = Bench()
        let reply = Unit.reply(to: RTUFrame(unit: 1, pdu: .holding(0, 20))).bytes
        bench.line.respond = { _ in
            [(.milliseconds(30), Array(reply[..<7])), (.milliseconds(125), Array(reply[7...]))]
        }
        let asked = bench.ask(.holding(0, 20))
        bench.run(.seconds(1))
        #expect(asked.reply?.bytes == reply)
        #expect(bench.failedAttempts == 0)
        bench.finish()
    }

    @Test func `R2 a reply with a CRC-valid beginning is not cut short`() {
        let bench = Bench()
        let reply: [UInt8] = [0x01, 0x03, 0x02, 0x01, 0x31, 0x78, 0x00]
        bench.line.respond = { _ in [(.milliseconds(30), Array(reply[..<6])), (.milliseconds(31), [0x00])] }
        let asked = bench.ask(.holding(0))
        bench.run(.seconds(1))
        #expect(asked.reply?.bytes == reply)
        bench.finish()
    }

    @Test func `R2 after a gap of 100 ms a frame that is too short has failed`() throws {
        let bench = Bench { $0.retries = 0 }
        let reply = Unit.reply(to: RTUFrame(unit: 1, pdu: .holding(0, 20))).bytes
        bench.line.respond = { _ in [(.milliseconds(850), Array(reply[..<7]))] }
        let asked = bench.ask(.holding(0, 20))
        bench.run(.seconds(3))
        #expect(asked.error == .noReply)
        #expect(try #require(asked.exchange).finished == bench.line.instants[0] + .milliseconds(8 + 850 + 100))
        #expect(bench.discarded(.noise) == [Array(reply[..<7])])
        bench.finish()
    }

    @Test func `R2 a function of unknown shape ends at a silence of 25 ms`() throws {
        let bench = Bench()
        bench.warmUp()
        bench.line.respond = Unit.answering(after: .milliseconds(40))
        let asked = bench.ask(.unknown)
        bench.run(.seconds(3))
        let exchange = try #require(asked.exchange)
        #expect(asked.reply?.pdu == .unknown)
        #expect(exchange.finished - (try #require(exchange.sent)) == .milliseconds(6 + 40 + 25))
        bench.finish()
    }

    @Test func `R2 the timeout runs from the computed end of transmission`() throws {
        let bench = Bench { $0.retries = 0 }
        let asked = bench.ask(.holding(0))
        bench.run(.seconds(3))
        #expect(try #require(asked.exchange).finished == bench.line.instants[0] + .milliseconds(8 + 900))
        bench.finish()
    }
}
