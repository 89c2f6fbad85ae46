import Broker
import Modbus
import Simulator
import Testing

/// What comes back into the bus from within its own effects.
@Suite struct BusReentrancyTests {
    /// A port that fails with the first byte.
    private final class BrokenLink: BusLink {
        weak var bus: Bus?
        var transmissions = 0

        func transmit(_ bytes: [UInt8]) {
            transmissions += 1
            bus?.lineClosed("write failed")
        }

        func reopen() {}
    }

    @Test(arguments: [(PDU.holding(0), UnitIdentifier(rawValue: 1)), (.write(0, 1), 0)])
    func `R12 a link may fail while it is asked to transmit`(pdu: PDU, unit: UnitIdentifier) {
        let timeline = VirtualTimeline()
        let link = BrokenLink()
        let bus = Bus(settings: .usual, timeline: timeline, link: link) { _ in }
        link.bus = bus
        bus.lineOpened()
        let client = Client(kind: .dongle, name: "SHINE", address: "SHINE")
        let asked = (1...2 as ClosedRange<UInt64>).map { number in
            let query = Query(
                number: number, client: client, unit: unit, pdu: pdu, isRead: pdu == .holding(0),
                arrived: timeline.now, deadline: nil)
            let entry = Asked(query, sourceLocation: #_sourceLocation)
            bus.submit(query) { entry.complete($0) }
            return entry
        }
        timeline.run(until: .start + .seconds(10))
        #expect(link.transmissions == 1)
        #expect(asked[1].error == .unavailable)
        for entry in asked { entry.expectCompletedOnce() }
    }

    @Test func `R1 a completion may ask again at once`() {
        let bench = Bench { $0.minPeriod = .zero }
        bench.line.respond = Unit.answering(after: .milliseconds(10))
        var left = 50
        func again(_ exchange: Exchange) {
            left -= 1
            if left > 0 { bench.ask(.holding(UInt16(left))).then = again }
        }
        bench.ask(.holding(0)).then = again
        bench.run(.seconds(5))
        #expect(left == 0)
        #expect(bench.line.transmissions.count == 50)
        bench.finish()
    }

    @Test func `R8 a completion may withdraw others`() {
        let bench = Bench()
        bench.line.respond = Unit.answering(after: .milliseconds(10))
        let first = bench.ask(.holding(0))
        let others = (1..<5).map { bench.ask(.holding($0)) }
        first.then = { _ in for other in others { bench.bus.withdraw(other.query) } }
        bench.run(.seconds(5))
        #expect(others.allSatisfy { $0.error == .withdrawn })
        #expect(bench.line.transmissions.count == 1)
        bench.finish()
    }

    @Test func `R10 a completion may stop the bus, and done comes after the others`() {
        let bench = Bench()
        bench.line.respond = Unit.answering(after: .milliseconds(10))
        let (first, second) = (bench.ask(.holding(0)), bench.ask(.holding(1)))
        var isDone = false
        first.then = { _ in
            bench.bus.stop {
                isDone = true
                second.expectCompletedOnce()
            }
        }
        bench.run(.seconds(5))
        #expect(isDone)
        #expect(second.error == .stopping)
        bench.finish()
    }

    @Test func `R12 a completion may close and open the line`() {
        let bench = Bench()
        bench.line.respond = Unit.answering(after: .milliseconds(10))
        let first = bench.ask(.holding(0))
        let second = bench.ask(.holding(1))
        first.then = { _ in
            bench.bus.lineClosed("unplugged")
            bench.bus.lineOpened()
        }
        bench.run(.seconds(5))
        #expect(second.error == .unavailable)
        bench.finish()
    }
}
