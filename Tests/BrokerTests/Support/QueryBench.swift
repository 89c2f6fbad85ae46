import Broker
import Modbus
import Simulator
import Testing

/// Queries that are handed to a backend without a session, in virtual time.
final class QueryBench {
    let timeline = VirtualTimeline()
    private(set) var asked: [Asked] = []
    private var number: UInt64 = 0

    let tcp = Client(kind: .tcp, name: "TCP:10.0.0.1:1", address: "10.0.0.1")
    let other = Client(kind: .tcp, name: "TCP:10.0.0.2:1", address: "10.0.0.2")

    var now: Instant { timeline.now }

    func run(_ duration: Duration) { timeline.run(until: now + duration) }

    func query(
        _ pdu: PDU, unit: UnitIdentifier = 1, to destination: Destination? = nil, by client: Client? = nil,
        within timeToAnswer: Duration? = nil
    ) -> Query {
        number += 1
        return Query(
            number: number, client: client ?? tcp, unit: unit, destination: destination, pdu: pdu,
            isRead: pdu.function.isRead,
            arrived: now, deadline: timeToAnswer.map { now + $0 })
    }

    @discardableResult func ask(
        _ pdu: PDU, of backend: any Backend, unit: UnitIdentifier = 1, by client: Client? = nil,
        within timeToAnswer: Duration? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) -> Asked {
        let entry = Asked(
            query(pdu, unit: unit, by: client, within: timeToAnswer), sourceLocation: sourceLocation)
        asked.append(entry)
        backend.submit(entry.query) { entry.complete($0) }
        return entry
    }
}

/// A backend that answers everything at once, as a unit would.
final class PromptBackend: Backend {
    private let timeline: VirtualTimeline
    private(set) var submitted: [Query] = []
    private(set) var withdrawn: [Query.ID] = []

    init(_ timeline: VirtualTimeline) {
        self.timeline = timeline
    }

    func submit(_ query: Query, for owner: any QueryOwner) {
        submitted.append(query)
        let reply = Unit.reply(to: RTUFrame(unit: query.lineUnit, pdu: query.pdu))
        owner.finished(
            Exchange(
                query: query, result: .success(reply), source: .bus, attempts: 1, sent: timeline.now,
                finished: timeline.now))
    }

    func withdraw(_ query: Query) { withdrawn.append(query.id) }
}
