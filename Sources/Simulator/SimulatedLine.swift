package import Broker
package import Modbus

/// A half-duplex line with its units: takes what is transmitted on it, and gives back what comes.
///
/// Characters take their time, units think before they answer, and replies suffer faults. Units answer in the order of
/// their requests.
package final class SimulatedLine {
    package struct Settings: Sendable {
        package var timing = LineTiming(baud: 115_200, bitsPerCharacter: 10)
        /// From the end of a request to the first byte of its reply.
        package var thinkingTime: ClosedRange<Duration> = .milliseconds(20) ... .milliseconds(90)
        /// What disturbs the replies; the first rule that strikes decides.
        package var faults: [FaultRule] = []
        /// A late reply comes after this.
        package var responseTimeout: Duration = .milliseconds(900)
        /// A reply that would end later than this after its request is lost instead.
        package var latestReply: Duration = .seconds(3600)
        /// A reply is delivered in pieces of 1…n bytes; 0: whole.
        package var largestPiece = 0
        /// Whether what is transmitted comes in whole frames; otherwise a silence ends a frame of unknown layout.
        package var takesWholeFrames = true
        /// Whether the adapter hears what it transmits.
        package var echoes = false

        package init() {}
    }

    /// What a unit answers to a request; nil: nothing.
    package typealias Unit = (PDU) -> PDU?

    private let settings: Settings
    private let ownFaults: FaultInjector
    private let timeline: any Timeline
    private var random: RandomSource
    private var units: [(UnitIdentifier, Unit)]
    private let deliver: ([UInt8]) -> Void
    private var scanner: RTURequestScanner
    private var queue: DelayedActions
    private var timer: (any WakeTimer)?
    /// When the last byte that was put on the line will have passed.
    private var busyUntil = Instant.distantPast
    /// When the last byte that was transmitted has passed.
    private var lastHeard = Instant.distantPast
    private var requests = 0
    /// How long a unit thinks that knows it itself; nil, or returning nil: as set.
    package var replyTime: ((UnitIdentifier, PDU) -> Duration?)?
    /// Called for each request, with its running number from 1.
    package var onRequest: ((Int, RTUFrame) -> Void)?
    /// Decides about faults before those of the settings.
    package var faults: FaultInjector?
    /// Called when a fault unplugs the adapter, with how long it stays so.
    package var onUnplug: ((Duration) -> Void)?
    /// Called before the last byte of the reply to this request is delivered, with whether its CRC is right.
    package var onReply: ((_ number: Int, _ isIntact: Bool) -> Void)?

    /// - Parameter deliver: takes what the client of the line hears.
    package init(
        settings: Settings, timeline: any Timeline, random: RandomSource, units: [(UnitIdentifier, Unit)],
        deliver: @escaping ([UInt8]) -> Void
    ) {
        self.settings = settings
        ownFaults = FaultInjector(settings.faults, seed: 0, start: timeline.now)
        self.timeline = timeline
        self.random = random
        self.units = units
        self.deliver = deliver
        scanner = RTURequestScanner()
        queue = DelayedActions(timeline)
        timer = timeline.makeTimer { [weak self] in
            self?.noteSilence(end: timeline.now)
            self?.awaitSilence()
        }
    }

    /// The client of the line transmits.
    package func transmit(_ bytes: [UInt8]) {
        let end = timeline.now + settings.timing.time(of: bytes.count)
        if settings.echoes { put([(end, bytes)]) }
        let isAfterSilence = settings.takesWholeFrames || lastHeard + settings.timing.frameEnd <= timeline.now
        lastHeard = end
        handle(scanner.received(bytes, afterSilence: isAfterSilence), end: end)
        if settings.takesWholeFrames { noteSilence(end: end) } else { awaitSilence() }
    }

    /// What is held may ask for one silence after the other: noise, and then the request behind it.
    private func awaitSilence() {
        timer?.set(scanner.awaits.map { lastHeard + settings.timing.length(of: $0) })
    }

    private func noteSilence(end: Instant) {
        guard let awaits = scanner.awaits else { return }
        handle(scanner.silence(awaits), end: end)
    }

    private func handle(_ findings: [RTURequestScanner.Finding], end: Instant) {
        for case .request(let frame) in findings { handle(frame, end: end) }
    }

    private func pullPlug(for duration: Duration) {
        unplug()
        onUnplug?(duration)
    }

    /// The adapter is unplugged: what is on its way is lost.
    package func unplug() {
        queue.cancelAll()
        scanner = RTURequestScanner()
        busyUntil = timeline.now
    }

    private func handle(_ request: RTUFrame, end: Instant) {
        let fault =
            faults?.fault(for: request, at: timeline.now) ?? ownFaults.fault(for: request, at: timeline.now, &random)
        requests += 1
        let number = requests
        onRequest?(number, request)
        var refusal: ExceptionCode?
        switch fault?.request ?? .passes {
        case .passes: break
        case .refused(let code): refusal = code
        case .unheard: return
        case .unplugged(let duration): return pullPlug(for: duration)
        }
        guard let frame = answer(request, refusal) else { return }
        let thinking = replyTime?(frame.unit, request.pdu) ?? random.duration(settings.thinkingTime)
        var reply = LineReply(frame.bytes)
        fault?.kind.disturb(&reply)
        var start = max(end, busyUntil) + thinking + reply.delay
        if let lateness = reply.lateness { start = max(end + settings.responseTimeout + lateness, busyUntil) }
        let pieces = reply.pieces
        let count = pieces.reduce(0) { $0 + $1.bytes.count }
        let length = pieces.reduce(settings.timing.time(of: count)) { $0 + $1.pause }
        guard start + length <= end + settings.latestReply else { return }
        put(
            schedule(pieces, from: start), replyTo: number, isIntact: RTUFrame(reply.bytes) != nil,
            endsAfter: reply.bytes.count)
    }

    /// Every unit executes a broadcast and none answers; a read of unit 0 is answered by the first.
    ///
    /// - Parameter refusal: what a unit says in place of its answer, without executing anything; nil: it answers.
    private func answer(_ request: RTUFrame, _ refusal: ExceptionCode?) -> RTUFrame? {
        if request.unit.isBroadcast, !request.pdu.function.isRead {
            for (_, unit) in units { _ = unit(request.pdu) }
            return nil
        }
        guard let (name, unit) = units.first(where: { request.unit.isBroadcast || $0.0 == request.unit }) else {
            return nil
        }
        if let refusal { return RTUFrame(unit: name, pdu: PDU(exception: refusal, to: request.pdu.function)) }
        return unit(request.pdu).map { RTUFrame(unit: name, pdu: $0) }
    }

    /// Cuts the pieces as the adapter delivers them, each at the instant of its last byte.
    private func schedule(_ pieces: [(pause: Duration, bytes: [UInt8])], from start: Instant) -> [(Instant, [UInt8])] {
        var at = start
        var deliveries: [(Instant, [UInt8])] = []
        for (pause, bytes) in pieces {
            at = at + pause
            var rest = bytes[...]
            while !rest.isEmpty {
                let most = settings.largestPiece
                let piece = rest.prefix(most == 0 ? rest.count : Int.random(in: 1...most, using: &random))
                at = at + settings.timing.time(of: piece.count)
                deliveries.append((at, Array(piece)))
                rest = rest.dropFirst(piece.count)
            }
        }
        return deliveries
    }

    private func put(
        _ deliveries: [(Instant, [UInt8])], replyTo number: Int? = nil, isIntact: Bool = true, endsAfter length: Int = 0
    ) {
        var count = 0
        for (instant, bytes) in deliveries {
            busyUntil = max(busyUntil, instant)
            let endsReply = count < length && count + bytes.count >= length
            count += bytes.count
            queue.add(at: instant) { [weak self] in
                guard let self else { return }
                if endsReply, let number { onReply?(number, isIntact) }
                deliver(bytes)
            }
        }
    }
}
