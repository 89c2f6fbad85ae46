import Broker
import Modbus
import Simulator
import Testing

/// A line that is lent: only the borrower transmits, and everything that comes is the borrower's.
@Suite struct BusLoanTests {
    /// What a borrower was told.
    private final class Borrower {
        private(set) var events: [LoanEvent] = []
        private(set) var begun: Instant?

        func note(_ event: LoanEvent, at now: Instant) {
            events.append(event)
            if event == .begun { begun = now }
        }

        var received: [UInt8] {
            events.flatMap { if case .received(let bytes) = $0 { bytes } else { [UInt8]() } }
        }
    }

    private func lend(_ bench: Bench) -> Borrower {
        let borrower = Borrower()
        bench.bus.lend { [timeline = bench.timeline] in borrower.note($0, at: timeline.now) }
        return borrower
    }

    @Test func `an idle line is lent at once`() {
        let bench = Bench()
        bench.warmUp()
        let (borrower, start) = (lend(bench), bench.now)
        #expect(borrower.begun == start)
        bench.bus.takeBack()
        bench.finish()
    }

    @Test func `what waits is refused as lent, and so is every further query`() {
        let bench = Bench()
        let waiting = [bench.ask(.holding(0)), bench.ask(.write(0, 1)), bench.ask(.input(0), by: bench.shine)]
        let borrower = lend(bench)
        waiting.forEach { #expect($0.error == .lent) }
        bench.run(.seconds(1))
        #expect(borrower.begun != nil)
        for pdu in [PDU.holding(0), .write(0, 1), .unknown] { #expect(bench.ask(pdu).error == .lent) }
        bench.run(.seconds(1000))
        #expect(bench.line.transmissions.isEmpty)
        bench.bus.takeBack()
        bench.finish()
    }

    @Test(arguments: [PDU.holding(0), .write(0, 1)])
    func `what is on the line runs to its end, and then the line is lent`(pdu: PDU) {
        let bench = Bench()
        bench.warmUp()
        bench.line.respond = Unit.answering(after: .milliseconds(200))
        let (asked, start) = (bench.ask(pdu), bench.now)
        bench.run(.milliseconds(50))
        let borrower = lend(bench)
        bench.run(.milliseconds(100))
        #expect(borrower.begun == nil)
        #expect(bench.ask(.holding(9)).error == .lent)
        bench.run(.seconds(1))
        #expect(asked.reply != nil)
        // t3.5 behind the reply.
        #expect(borrower.begun == start + .milliseconds(8 + 200) + .microseconds(3500))
        #expect(borrower.received.isEmpty)
        bench.bus.takeBack()
        bench.finish()
    }

    @Test func `R4 the line is not lent while a late reply may come, and the reply is not the borrower's`() {
        let bench = Bench()
        bench.warmUp()
        let (asked, start) = (bench.ask(.holding(0)), bench.now)
        let reply = Unit.reply(to: RTUFrame(unit: 1, pdu: .holding(0))).bytes
        bench.line.deliver(reply, at: start + .milliseconds(1500))
        bench.run(.milliseconds(100))
        let borrower = lend(bench)
        bench.run(.milliseconds(1400))
        #expect(asked.error == .noReply)
        #expect(bench.line.transmissions.count == 1, "a read is not repeated")
        bench.run(.seconds(2))
        #expect(borrower.begun == start + .milliseconds(1503) + .microseconds(500))
        #expect(borrower.received.isEmpty)
        #expect(bench.discarded(.late) == [reply])
        bench.bus.takeBack()
        bench.finish()
    }

    @Test func `R4 without a late reply the line is lent when its window is over`() {
        let bench = Bench()
        bench.warmUp()
        bench.ask(.write(0, 1))
        let start = bench.now
        bench.run(.milliseconds(100))
        let borrower = lend(bench)
        bench.run(.seconds(5))
        #expect(borrower.begun == start + .milliseconds(8 + 900 + 900))
        bench.bus.takeBack()
        bench.finish()
    }

    @Test func `R16 an echo probe on the line is the last thing sent: its write is refused`() {
        let bench = Bench()
        bench.line.respond = Unit.answering(after: .milliseconds(200))
        let asked = bench.ask(.write(0, 1))
        bench.run(.milliseconds(600))
        #expect(bench.line.sent == [.holding(0)])
        let borrower = lend(bench)
        bench.run(.seconds(3))
        #expect(asked.error == .lent)
        #expect(borrower.begun != nil)
        #expect(bench.line.sent == [.holding(0)])
        bench.bus.takeBack()
        bench.finish()
    }

    @Test func `bytes go both ways as they come, at once and in order`() {
        let bench = Bench()
        let borrower = lend(bench)
        bench.run(.seconds(1))
        let parts: [[UInt8]] = [
            [0], [1, 3, 0], Array(repeating: 0xFF, count: 700), RTUFrame(unit: 1, pdu: .holding(0)).bytes,
        ]
        for part in parts {
            #expect(bench.bus.transmit(lent: part))
            bench.bus.received(part.reversed())
        }
        #expect(bench.line.transmissions.map(\.bytes) == parts)
        #expect(bench.line.instants.allSatisfy { $0 == bench.now })
        #expect(borrower.received == parts.flatMap { $0.reversed() })
        bench.bus.takeBack()
        bench.finish()
    }

    @Test func `taken back, the line answers as before, behind the answer to what the borrower sent last`() {
        let bench = Bench()
        bench.warmUp()
        let borrower = lend(bench)
        let end = bench.now + .milliseconds(8)
        #expect(bench.bus.transmit(lent: RTUFrame(unit: 1, pdu: .holding(7)).bytes))
        bench.bus.takeBack()
        bench.line.respond = Unit.answering(after: .milliseconds(20))
        let asked = bench.ask(.write(0, 1))
        let late = Unit.reply(to: RTUFrame(unit: 1, pdu: .holding(7))).bytes
        bench.line.deliver(late, at: end + .milliseconds(300))
        bench.run(.seconds(5))
        #expect(asked.reply != nil)
        #expect(borrower.received.isEmpty)
        #expect(bench.discarded(.foreign) == [late])
        // R1, and R16: nothing is known of the echo any more.
        #expect(bench.line.instants.dropFirst().first == end + .milliseconds(900))
        #expect(bench.line.sent.dropFirst() == [.holding(0), .write(0, 1)])
        #expect(!bench.bus.transmit(lent: [1]), "it is not the borrower's any more")
        bench.finish()
    }

    @Test func `taken back before it was lent, it goes on as if nothing had been`() {
        let bench = Bench()
        bench.warmUp()
        bench.line.respond = Unit.answering(after: .milliseconds(200))
        let first = bench.ask(.holding(0))
        bench.run(.milliseconds(50))
        let borrower = lend(bench)
        bench.bus.takeBack()
        let second = bench.ask(.holding(1))
        bench.run(.seconds(3))
        #expect(first.reply != nil)
        #expect(second.reply != nil)
        #expect(borrower.events.isEmpty)
        bench.finish()
    }

    @Test
    func `R12 an unplugged line stays lent: queries are overloaded, bytes are refused, and it goes on when it is back`()
    {
        let bench = Bench()
        let borrower = lend(bench)
        bench.run(.seconds(1))
        bench.bus.lineClosed("unplugged")
        #expect(!bench.bus.transmit(lent: [1, 2]))
        #expect(bench.ask(.holding(0)).error == .lent)
        bench.run(.seconds(600))
        bench.bus.lineOpened()
        #expect(bench.bus.transmit(lent: [3]))
        bench.bus.received([4])
        #expect(bench.line.transmissions.map(\.bytes) == [[3]])
        #expect(borrower.received == [4])
        bench.bus.takeBack()
        bench.finish()
    }

    @Test func `R12 a line that is not there is lent, too`() {
        let bench = Bench(isOpen: false)
        let borrower = lend(bench)
        bench.run(.seconds(1))
        #expect(borrower.begun != nil)
        bench.bus.lineOpened()
        #expect(bench.bus.transmit(lent: [3]))
        bench.bus.takeBack()
        bench.finish()
    }

    @Test func `R12 an adapter is not re-opened while the line is lent, however silent its units`() {
        let bench = Bench { $0.minPeriod = .zero }
        for _ in 0..<4 {
            bench.ask(.holding(0))
            bench.run(.seconds(20))
        }
        let reopenings = bench.line.reopenings.count
        let asked = bench.ask(.write(0, 1))
        bench.run(.milliseconds(100))
        let borrower = lend(bench)
        bench.run(.seconds(600))
        #expect(asked.exchange != nil)
        #expect(borrower.begun != nil)
        #expect(bench.line.reopenings.count == reopenings)
        bench.bus.takeBack()
        bench.finish()
    }

    @Test func `R10 a bus that stops while it is lent answers as stopping, and is done at once`() {
        let bench = Bench()
        _ = lend(bench)
        bench.run(.seconds(1))
        var isStopped = false
        bench.bus.stop { isStopped = true }
        #expect(isStopped)
        #expect(bench.ask(.holding(0)).error == .stopping)
    }

    /// A million inputs would find no more: what counts is every order of them.
    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `while it is lent nothing but the borrower's bytes is transmitted, whatever is asked`(seed: UInt64) {
        var random = RandomSource(seed: seed)
        let bench = Bench { $0.minPeriod = .milliseconds(10) }
        bench.line.respond = { random.chance(0.7) ? [(.milliseconds(30), Unit.reply(to: $0).bytes)] : [] }
        var isLent = false
        var (given, begunAt) = ([[UInt8]](), 0)
        for _ in 0..<600 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0:
                bench.bus.lend { event in
                    guard event == .begun else { return }
                    (isLent, given, begunAt) = (true, [], bench.line.transmissions.count)
                }
            case 1:
                bench.bus.takeBack()
                isLent = false
            case 2: bench.bus.lineClosed("unplugged")
            case 3: bench.bus.lineOpened()
            case 4...6: bench.ask([.holding(0), .write(0, 1), .input(3, 9)].randomElement(using: &random) ?? .unknown)
            default:
                let bytes = (0...Int.random(in: 0...20, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
                if bench.bus.transmit(lent: bytes) { given.append(bytes) }
            }
            bench.run(.milliseconds(Int.random(in: 0...900, using: &random)))
            guard isLent else { continue }
            #expect(bench.line.transmissions.dropFirst(begunAt).map(\.bytes) == given, "seed \(seed)")
        }
        bench.bus.takeBack()
        bench.bus.lineOpened()
        bench.finish()
    }
}
