/// The dongle's port and the line, joined byte by byte for a firmware update.
///
/// It ends by command or when its time is over, but never within five minutes of the last byte of an update
/// (``UpdateWatch``): a firmware that is written half leaves an inverter that does not start. There is no upper bound, and a
/// loss of bytes does not end it: the dongle may repeat what was lost only while it is on.
package final class Passthrough {
    private enum Phase {
        case waiting, joined, ended
    }

    private let client: Client
    private let bus: Bus
    private let session: SerialClientSession
    private let timeline: any Timeline
    private let observe: (BrokerEvent) -> Void
    private let whenEnded: () -> Void
    private var timer: (any WakeTimer)?
    private var phase = Phase.waiting
    private var watch: UpdateWatch
    private var started: Instant
    private var ends: Instant
    private var isToldToEnd = false
    private var isPutOff = false
    private var figures = PassthroughFigures()

    /// - Parameters:
    ///   - client: the one of the session, as events name it.
    ///   - whenEnded: called once.
    package init(
        of client: Client, _ session: SerialClientSession, with bus: Bus, settings: PassthroughSettings,
        timeline: any Timeline, observe: @escaping (BrokerEvent) -> Void, whenEnded: @escaping () -> Void
    ) {
        self.client = client
        self.session = session
        self.bus = bus
        self.timeline = timeline
        self.observe = observe
        self.whenEnded = whenEnded
        watch = UpdateWatch(settings)
        started = timeline.now
        ends = timeline.now
        timer = timeline.makeTimer { [weak self] in self?.check() }
    }

    /// Joins both as soon as nothing that was sent before can be answered any more.
    package func start(for duration: Duration) {
        prolong(for: duration)
        bus.lend { [weak self] event in
            switch event {
            case .begun: self?.join()
            case .received(let bytes): self?.carry(fromLine: bytes)
            }
        }
    }

    /// Lets it go on for so long from now, also if it was told to end.
    package func prolong(for duration: Duration) {
        ends = timeline.now + duration
        (isToldToEnd, isPutOff) = (false, false)
        setTimer()
    }

    /// Ends it as soon as that does no harm: often at once.
    package func end() {
        isToldToEnd = true
        check()
    }

    /// Ends it at once, whatever flows: the broker is stopping.
    package func stop() {
        finish(.stopping)
    }

    package var isEnded: Bool { phase == .ended }

    /// Whether a byte of an update has come within the last five minutes.
    package var isUpdating: Bool { phase == .joined && watch.isUpdating(at: timeline.now) }

    package var status: PassthroughStatus {
        PassthroughStatus(
            phase: reasonToEnd(at: timeline.now) != nil ? .ending : phase == .waiting ? .waiting : .joined,
            started: started, ends: ends, lastUpdateByte: watch.lastByte, figures: figures)
    }
}

extension Passthrough {
    private func join() {
        phase = .joined
        observe(.passthrough(.began(client, duration: ends - timeline.now)))
        session.lend { [weak self] in self?.carry(fromClient: $0) }
    }

    private func carry(fromClient bytes: [UInt8]) {
        let isSent = bus.transmit(lent: bytes)
        figures.fromClient += bytes.count
        note(bytes, from: .client(client), isSent: isSent)
        watch.received(fromClient: bytes, at: timeline.now)
        check()
    }

    private func carry(fromLine bytes: [UInt8]) {
        let isSent = session.transmit(lent: bytes)
        figures.fromLine += bytes.count
        note(bytes, from: .line, isSent: isSent)
        watch.received(fromLine: bytes, at: timeline.now)
        check()
    }

    private func note(_ bytes: [UInt8], from source: BrokerEvent.Source, isSent: Bool) {
        if isSent {
            observe(.passthrough(.bytes(bytes, from: source)))
        } else {
            figures.lost += bytes.count
            observe(.discarded(bytes, from: source, reason: .portClosed))
        }
    }

    private func reasonToEnd(at now: Instant) -> PassthroughEnd? {
        isToldToEnd ? .command : now >= ends ? .time : nil
    }

    private func check() {
        let now = timeline.now
        watch.advance(to: now)
        if phase != .ended, let reason = reasonToEnd(at: now) {
            if phase == .waiting || watch.isQuiet(at: now) { return finish(reason) }
            if !isPutOff, watch.isUpdating(at: now) {
                isPutOff = true
                observe(.passthrough(.endPutOff))
            }
        }
        setTimer()
    }

    private func setTimer() {
        guard phase != .ended else { return }
        let now = timeline.now
        var wake = watch.nextChange(after: now)
        if ends > now { wake = min(wake, ends) }
        timer?.set(wake == .distantFuture ? nil : wake)
    }

    private func finish(_ reason: PassthroughEnd) {
        guard phase != .ended else { return }
        let wasJoined = phase == .joined
        phase = .ended
        timer?.set(nil)
        if wasJoined { session.takeBack() }
        bus.takeBack()
        observe(.passthrough(.ended(reason, figures)))
        whenEnded()
    }
}
