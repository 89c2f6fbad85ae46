internal import Broker
internal import Modbus
internal import Settings

/// A client of the gateway's own, which reads its blocks once a second, one after the other.
///
/// A round that takes longer is followed by the next at once.
final class Poller {
    private static let period: Duration = .seconds(1)

    private let reads: [(unit: UnitIdentifier, pdu: PDU)]
    private let client = Client(kind: .background, name: "POLL", address: "POLL")
    private let backend: any Backend
    private let settings: ClientSettings
    private let timeline: any Timeline
    private let observe: (BrokerEvent) -> Void
    private var timer: (any WakeTimer)?
    private var number: UInt64 = 0
    private var position = 0
    private var roundBegan = Instant.start
    private var isStopped = false

    init(
        _ blocks: [PollBlock], backend: any Backend, settings: ClientSettings, timeline: any Timeline,
        observe: @escaping (BrokerEvent) -> Void
    ) {
        reads = blocks.flatMap(\.reads)
        self.backend = backend
        self.settings = settings
        self.timeline = timeline
        self.observe = observe
        timer = timeline.makeTimer { [weak self] in self?.read() }
    }

    func start() {
        if !reads.isEmpty, !isStopped { timer?.set(timeline.now) }
    }

    func stop() {
        isStopped = true
        timer?.set(nil)
    }

    /// The next read of the round, or the first of a new one.
    ///
    /// Called by the timer only: a backend that answers at once must not be asked from within its answer.
    private func read() {
        guard !isStopped else { return }
        if position == reads.count { position = 0 }
        let now = timeline.now
        if position == 0 { roundBegan = now }
        let (unit, pdu) = reads[position]
        position += 1
        number += 1
        let query = Query(
            number: number, client: client, unit: unit, pdu: pdu, isRead: true, arrived: now,
            deadline: now + settings.timeToAnswer)
        observe(.request(query))
        backend.submit(query) { [weak self] exchange in self?.finish(exchange) }
    }

    private func finish(_ exchange: Exchange) {
        observe(.finished(exchange, .delivered))
        guard !isStopped else { return }
        let now = timeline.now
        timer?.set(position < reads.count ? now : max(now, roundBegan + Self.period))
    }
}

extension PollBlock {
    /// Reads of at most 125 registers.
    fileprivate var reads: [(unit: UnitIdentifier, pdu: PDU)] {
        stride(from: Int(addresses.lowerBound), through: Int(addresses.upperBound), by: 125).map { first in
            let last = min(first + 124, Int(addresses.upperBound))
            let pdu = PDU(read: table.function, address: UInt16(first), quantity: UInt16(last - first + 1))
            return (UnitIdentifier(rawValue: unit), pdu)
        }
    }
}

extension PollBlock.Table {
    fileprivate var function: FunctionCode {
        let table: UnitTable =
            switch self {
            case .holding: .holding
            case .input: .input
            case .meter: .meter
            }
        return table.function
    }
}
