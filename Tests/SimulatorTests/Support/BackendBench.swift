import Broker
import Growatt
import Modbus
import Simulator
import Testing

/// A backend in virtual time, which answers for the units 1 and 2.
final class BackendBench {
    final class Asked {
        let query: Query
        private(set) var exchange: Exchange?

        init(_ query: Query) { self.query = query }

        func complete(_ exchange: Exchange) {
            if self.exchange != nil { Issue.record("completed twice: \(query)") }
            #expect(exchange.query.id == query.id)
            self.exchange = exchange
        }

        var reply: RTUFrame? { try? exchange?.result.get() }

        var error: BrokerError? { if case .failure(let error) = exchange?.result { error } else { nil } }
    }

    let timeline = VirtualTimeline()
    let backend: any Backend
    /// What stops it.
    let stop: () -> Void
    private let client = Client(kind: .tcp, name: "TCP:10.0.0.1:1", address: "10.0.0.1")
    private(set) var asked: [Asked] = []
    private var number: UInt64 = 0
    /// Called after each completion, from within it.
    var onCompletion: ((Asked) -> Void)?
    /// How many queries of ``chain(_:)`` have been answered.
    private(set) var chained = 0

    /// - Parameter make: the backend, and what stops it.
    init(_ make: (VirtualTimeline) -> (any Backend, () -> Void)) {
        (backend, stop) = make(timeline)
    }

    /// A ``SimulatedUnitsBackend``.
    convenience init(dataset change: (inout SimulatedUnitsBackend.Settings) -> Void = { _ in }) {
        self.init { timeline in
            let backend = Self.dataset(timeline, change)
            return (backend, backend.stop)
        }
    }

    /// Holding register 0 of unit 1 is 11, that of unit 2 is 22.
    static func units() -> [(UnitIdentifier, DatasetUnit)] {
        [(1, DatasetUnit(Dataset.Unit(holding: [0: 11]))), (2, DatasetUnit(Dataset.Unit(holding: [0: 22])))]
    }

    static func dataset(
        _ timeline: VirtualTimeline, _ change: (inout SimulatedUnitsBackend.Settings) -> Void = { _ in }
    ) -> SimulatedUnitsBackend {
        var settings = SimulatedUnitsBackend.Settings()
        change(&settings)
        return SimulatedUnitsBackend(settings, units: units().map { ($0, $1) }, timeline: timeline)
    }

    func run(_ duration: Duration) { timeline.run(until: timeline.now + duration) }

    @discardableResult func ask(
        _ unit: UnitIdentifier, _ pdu: PDU = .readOne, within time: Duration? = nil
    ) -> Asked {
        let entry = Asked(query(unit, pdu, within: time))
        asked.append(entry)
        backend.submit(entry.query) { [unowned self] exchange in
            entry.complete(exchange)
            onCompletion?(entry)
        }
        return entry
    }

    /// Asks again from each completion.
    func chain(_ count: Int) {
        backend.submit(query(1, .readOne, within: nil)) { [unowned self] _ in
            chained += 1
            if chained < count { chain(count) }
        }
    }

    /// Lets everything come to its end: each query must have been completed once.
    func finish() {
        run(.seconds(60))
        for entry in asked where entry.exchange == nil { Issue.record("never completed: \(entry.query)") }
    }

    private func query(_ unit: UnitIdentifier, _ pdu: PDU, within time: Duration?) -> Query {
        number += 1
        return Query(
            number: number, client: client, unit: unit, pdu: pdu, isRead: pdu.function.isRead,
            arrived: timeline.now, deadline: time.map { timeline.now + $0 })
    }
}

extension PDU {
    /// A read of holding register 0.
    static let readOne = PDU(read: .readHoldingRegisters, address: 0, quantity: 1)

    /// The reply to a read of one holding register.
    static func one(_ value: UInt16) -> PDU { PDU(registers: [value], replyTo: .readHoldingRegisters) }

    static func write(_ value: UInt16) -> PDU { PDU(write: .writeSingleRegister, address: 0, value: value) }
}
