internal import Broker
internal import Modbus
internal import Simulator

/// One client of a ``SilenceScenario`` on its own connection: one read at a time, the next one when it was answered.
final class SilenceAsker {
    private static let patience: Duration = .seconds(5)

    private let settings: SilenceScenario.Asker
    private let scenario: SilenceScenario
    private let timeline: VirtualTimeline
    var session: TCPClientSession?
    private(set) var figures = SilenceScenario.Figures()
    private var toAsk: [PDU] = []
    private var pending: (transaction: UInt16, isGood: Bool, asked: Instant)?
    private var transaction: UInt16 = 0
    private var timer: (any WakeTimer)?

    init(_ settings: SilenceScenario.Asker, of scenario: SilenceScenario, timeline: VirtualTimeline) {
        self.settings = settings
        self.scenario = scenario
        self.timeline = timeline
        timer = timeline.makeTimer { [weak self] in self?.complete() }
        schedule(at: timeline.now + settings.from)
    }

    private func schedule(at instant: Instant) {
        timeline.schedule(at: instant) { [weak self] in
            guard let self else { return }
            // Who has not come to an end in his period begins anew, as an integration does.
            toAsk = settings.reads
            if pending == nil { askNext() }
            schedule(at: instant + settings.period)
        }
    }

    private func askNext() {
        guard !toAsk.isEmpty else { return }
        let read = toAsk.removeFirst()
        transaction &+= 1
        let isGood = scenario.answers(settings.unit, read, timeline.now - .start)
        pending = (transaction, isGood, timeline.now)
        timer?.set(timeline.now + Self.patience)
        let frame = TCPFrame(transaction: transaction, unit: settings.unit, pdu: read)
        session?.received(frame, arrived: timeline.now)
    }

    func received(_ reply: TCPFrame) {
        guard let pending, pending.transaction == reply.transaction else { return }
        if pending.isGood, reply.pdu.exceptionCode == nil {
            figures.answered += 1
            let mark = Instant.start + scenario.mark
            if figures.firstAnswer == nil, pending.asked >= mark { figures.firstAnswer = timeline.now - mark }
        }
        complete()
    }

    /// The next request goes out a moment later: not from within the answer to the last one.
    private func complete() {
        if pending?.isGood == true { figures.asked += 1 }
        pending = nil
        timer?.set(nil)
        timeline.schedule(at: timeline.now + .milliseconds(1)) { [weak self] in
            guard let self, pending == nil else { return }
            askNext()
        }
    }
}
