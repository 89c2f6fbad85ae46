import Broker
import Modbus
import Recording
import Simulator
import Testing

/// A ``DatasetBackend`` in virtual time, with units 1 and 2.
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
    let backend: DatasetBackend
    private let shapes = FunctionShapes(readLike: [FunctionCode(rawValue: 0x20)])
    private let client = Client(kind: .tcp, name: "TCP:10.0.0.1:1", address: "10.0.0.1")
    private var asked: [Asked] = []
    private var number: UInt64 = 0
    /// How many queries of ``chain(_:)`` have been answered.
    private(set) var chained = 0

    init(_ change: (inout DatasetBackend.Settings) -> Void = { _ in }) {
        var settings = DatasetBackend.Settings()
        change(&settings)
        backend = DatasetBackend(
            settings,
            units: [
                (1, DatasetUnit(Dataset.Unit(holding: [0: 11]))), (2, DatasetUnit(Dataset.Unit(holding: [0: 22]))),
            ], shapes: shapes, timeline: timeline)
    }

    func run(_ duration: Duration) { timeline.run(until: timeline.now + duration) }

    @discardableResult func ask(
        _ unit: UnitIdentifier, _ pdu: PDU = PDU(read: .readHoldingRegisters, address: 0, quantity: 1),
        within time: Duration? = nil
    ) -> Asked {
        let entry = Asked(query(unit, pdu, within: time))
        asked.append(entry)
        backend.submit(entry.query) { entry.complete($0) }
        return entry
    }

    /// Asks again from each completion.
    func chain(_ count: Int) {
        let pdu = PDU(read: .readHoldingRegisters, address: 0, quantity: 1)
        backend.submit(query(1, pdu, within: nil)) { [unowned self] _ in
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
            number: number, client: client, unit: unit, pdu: pdu, isRead: shapes.isRead(pdu.function),
            arrived: timeline.now, deadline: time.map { timeline.now + $0 })
    }
}

extension PDU {
    /// The reply to a read of one holding register.
    static func one(_ value: UInt16) -> PDU { PDU(registers: [value], replyTo: .readHoldingRegisters) }
}
