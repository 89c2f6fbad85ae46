@testable import Broker
import Modbus
import Simulator
import Testing

/// A ``Bus`` in virtual time on a ``ScriptedLine``.
///
/// One character lasts 1 ms, t3.5 is 3.5 ms; a request of 8 bytes is on the line for 8 ms, and times out 900 ms later.
final class Bench {

    let timeline = VirtualTimeline()
    let line: ScriptedLine
    let bus: Bus
    let settings: BusSettings
    private let journal = Journal()
    private(set) var asked: [Asked] = []
    private var number: UInt64 = 0

    let tcp = Client(kind: .tcp, name: "TCP:10.0.0.1:1", address: "10.0.0.1")
    let other = Client(kind: .tcp, name: "TCP:10.0.0.2:1", address: "10.0.0.2")
    let shine = Client(kind: .dongle, name: "SHINE", address: "SHINE")

    /// - Parameter isOpen: whether the line is there from the start.
    init(isOpen: Bool = true, _ change: (inout BusSettings) -> Void = { _ in }) {
        var settings = BusSettings.usual
        settings.timing = LineTiming(baud: 10_000, bitsPerCharacter: 10)
        change(&settings)
        self.settings = settings
        line = ScriptedLine(timeline: timeline, timing: settings.timing)
        bus = Bus(settings: settings, timeline: timeline, link: line) { [journal, timeline] event in
            journal.note(event, at: timeline.now)
        }
        line.bus = bus
        if isOpen { bus.lineOpened() }
    }

    var now: Instant { timeline.now }

    func run(_ duration: Duration) { timeline.run(until: now + duration) }

    /// Asks one thing; the answer is looked at later.
    @discardableResult func ask(
        _ pdu: PDU, unit: UnitIdentifier = 1, by client: Client? = nil, within timeToAnswer: Duration? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> Asked {
        number += 1
        let query = Query(
            number: number, client: client ?? tcp, unit: unit, pdu: pdu,
            isRead: pdu.function.isRead, arrived: now, deadline: timeToAnswer.map { now + $0 })
        let entry = Asked(query, sourceLocation: sourceLocation)
        asked.append(entry)
        bus.submit(query) { entry.complete($0) }
        return entry
    }

    /// One read of the unit is answered: there is no echo, and the line has come to rest.
    func warmUp(unit: UnitIdentifier = 1) {
        let respond = line.respond
        line.respond = Unit.answering(after: .milliseconds(20))
        ask(.holding(0), unit: unit)
        run(.seconds(2))
        line.respond = respond
        line.forget()
        journal.forget()
    }

    /// A read that nobody has answered, and that is to be sent again when the line has been silent for long enough.
    static func beforeRetry() -> (Bench, Asked) {
        let bench = Bench {
            $0.timing = LineTiming(baud: 10_000, bitsPerCharacter: 10, silence: .milliseconds(500))
            $0.responseTimeout = .milliseconds(10)
        }
        bench.run(.seconds(1))
        let asked = bench.ask(.holding(0))
        bench.run(.milliseconds(100))
        #expect(bench.failedAttempts == 1 && asked.exchange == nil)
        return (bench, asked)
    }

    /// Lets everything come to its end: each query must have been completed once, and the line be at rest.
    func finish(sourceLocation: SourceLocation = #_sourceLocation) {
        run(.seconds(300))
        for entry in asked { entry.expectCompletedOnce() }
        var isStopped = false
        bus.stop { isStopped = true }
        #expect(isStopped, "the bus is not idle", sourceLocation: sourceLocation)
    }

    // MARK: What was observed

    var events: [(instant: Instant, event: BrokerEvent)] { journal.events }

    /// The bytes that were discarded for this reason.
    func discarded(_ reason: BrokerEvent.DiscardReason) -> [[UInt8]] {
        journal.events.compactMap {
            if case .discarded(let bytes, _, reason) = $0.event { bytes } else { nil }
        }
    }

    var failedAttempts: Int {
        journal.events.count { if case .attemptFailed = $0.event { true } else { false } }
    }

    /// Units that have become silent, and live again.
    var changes: [String] {
        journal.events.compactMap {
            switch $0.event {
            case .line(.unitSilent(let unit)): "\(unit) silent"
            case .line(.unitLive(let unit)): "\(unit) live"
            default: nil
            }
        }
    }

    func count(_ matches: (BrokerEvent) -> Bool) -> Int { journal.events.count { matches($0.event) } }
}

/// What an observer was told, and when.
final class Journal {
    private(set) var events: [(instant: Instant, event: BrokerEvent)] = []

    func note(_ event: BrokerEvent, at instant: Instant) { events.append((instant, event)) }

    func forget() { events = [] }
}
