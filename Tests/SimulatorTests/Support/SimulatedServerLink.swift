import Broker
import Modbus
import Simulator

/// The way of a ``Bus`` to a Modbus TCP server in virtual time, whose replies may be lost, late, repeated or wrong.
final class SimulatedServerLink: BusLink {
    struct Disturbance {
        var loss = 0.0
        /// By 0.5 to 8 s.
        var late = 0.0
        var twice = 0.0
        /// Before the right reply: one with another identifier, unit or length.
        var wrong = 0.0
        var seed: UInt64 = 1
    }

    weak var bus: Bus?
    private let timeline: VirtualTimeline
    private let server: any Backend
    private var framing = TransactionFraming()
    private let disturbance: Disturbance
    private var random: RandomSource
    private var number: UInt64 = 0
    private let client = Client(kind: .tcp, name: "TCP:10.0.0.9:1", address: "10.0.0.9")
    private(set) var discarded = 0

    init(_ server: any Backend, _ timeline: VirtualTimeline, _ disturbance: Disturbance = .init()) {
        self.server = server
        self.timeline = timeline
        self.disturbance = disturbance
        random = RandomSource(seed: disturbance.seed)
    }

    static func settings(_ responseTimeout: Duration = .milliseconds(900)) -> BusSettings {
        var settings = BusSettings(
            timing: .modbusTCP, minPeriod: .zero, responseTimeout: responseTimeout, retries: 1)
        settings.hasTransactions = true
        return settings
    }

    func transmit(_ bytes: [UInt8]) {
        let request = framing.request(bytes)
        number += 1
        let query = Query(
            number: number, client: client, unit: request.unit, pdu: request.pdu,
            isRead: request.pdu.function.isRead, arrived: timeline.now, deadline: nil)
        server.submit(query) { [weak self] in self?.answer(request, $0) }
    }

    func reopen() { bus?.lineOpened() }

    private func answer(_ request: TCPFrame, _ exchange: Exchange) {
        guard let reply = try? exchange.result.get(), !random.chance(disturbance.loss) else { return }
        let frame = TCPFrame(transaction: request.transaction, unit: reply.unit, pdu: reply.pdu)
        if random.chance(disturbance.wrong) {
            deliver(TCPFrame(transaction: request.transaction &+ 5, unit: reply.unit, pdu: reply.pdu))
            deliver(TCPFrame(transaction: request.transaction, unit: 77, pdu: reply.pdu))
            let long = PDU(registers: [1, 2, 3, 4, 5, 6, 7], replyTo: request.pdu.function)
            deliver(TCPFrame(transaction: request.transaction, unit: reply.unit, pdu: long))
        }
        let isLate = random.chance(disturbance.late)
        for _ in 0..<(random.chance(disturbance.twice) ? 2 : 1) {
            let delay = isLate ? random.duration(.milliseconds(500) ... .seconds(8)) : .zero
            timeline.schedule(at: timeline.now + delay) { [weak self] in self?.deliver(frame) }
        }
    }

    private func deliver(_ frame: TCPFrame) {
        if case .reply(let bytes) = framing.received(frame) { bus?.received(bytes) } else { discarded += 1 }
    }
}
