internal import Broker
internal import Modbus
internal import Simulator

/// Home Assistant as in the capture: two reads every 12 s and five more every 98 s, one at a time on one connection.
final class HomeAssistant {
    private struct Pending {
        let transaction: UInt16
        let asked: Instant
    }

    /// The blocks of the capture, with the period in which each group is read.
    private static let groups: [(period: Duration, reads: [PDU])] = [
        (
            .seconds(12),
            [
                PDU(read: .readInputRegisters, address: 3001, quantity: 24),
                PDU(read: .readInputRegisters, address: 3171, quantity: 11),
            ]
        ),
        (
            .seconds(98),
            [
                PDU(read: .readInputRegisters, address: 3000, quantity: 100),
                PDU(read: .readInputRegisters, address: 3101, quantity: 32),
                PDU(read: .readInputRegisters, address: 3164, quantity: 68),
                PDU(read: .readHoldingRegisters, address: 0, quantity: 1),
                PDU(read: .readHoldingRegisters, address: 3049, quantity: 1),
            ]
        ),
    ]
    private static let patience: Duration = .seconds(3)
    /// Scheduling in a busy program.
    private static let jitter: ClosedRange<Duration> = .zero ... .milliseconds(100)
    /// What the broker says for itself: 0x06, 0x0A, 0x0B.
    private static let refusals: [ExceptionCode] = [
        .serverDeviceBusy, .gatewayPathUnavailable, .gatewayTargetFailedToRespond,
    ]

    private let timeline: VirtualTimeline
    private var random: RandomSource
    /// Its connection.
    var session: TCPClientSession?
    private var toAsk: [PDU] = []
    private var pending: Pending?
    private var transaction: UInt16 = 0
    private var timer: (any WakeTimer)?
    private var completed = 0
    private var waits: [Duration] = []

    init(timeline: VirtualTimeline, random: RandomSource) {
        self.timeline = timeline
        self.random = random
        timer = timeline.makeTimer { [weak self] in self?.giveUp() }
        for group in Self.groups {
            let first = timeline.now + self.random.duration(.zero...group.period)
            schedule(group.reads, every: group.period, from: first)
        }
    }

    /// Without the request that it still waits for.
    var figures: ClientFigures {
        ClientFigures(requests: completed, unanswered: completed - waits.count, waits: waits)
    }

    private func schedule(_ reads: [PDU], every period: Duration, from instant: Instant) {
        timeline.schedule(at: instant + random.duration(Self.jitter)) { [weak self] in
            guard let self else { return }
            toAsk += reads
            if pending == nil { askNext() }
            schedule(reads, every: period, from: instant + period)
        }
    }

    private func askNext() {
        guard !toAsk.isEmpty else { return }
        transaction &+= 1
        pending = Pending(transaction: transaction, asked: timeline.now)
        timer?.set(timeline.now + Self.patience)
        let frame = TCPFrame(transaction: transaction, unit: 1, pdu: toAsk.removeFirst())
        session?.received(frame, arrived: timeline.now)
    }

    func received(_ reply: TCPFrame) {
        guard let pending, pending.transaction == reply.transaction else { return }
        let isRefused = reply.pdu.exceptionCode.map(Self.refusals.contains) ?? false
        if !isRefused { waits.append(timeline.now - pending.asked) }
        complete()
    }

    private func giveUp() {
        if pending != nil { complete() }
    }

    /// The next request goes out a moment later: not from within the answer to the last one.
    private func complete() {
        completed += 1
        pending = nil
        timer?.set(nil)
        timeline.schedule(at: timeline.now + .milliseconds(1)) { [weak self] in
            guard let self, pending == nil else { return }
            askNext()
        }
    }
}
