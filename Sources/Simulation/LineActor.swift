internal import Broker
internal import Modbus
internal import Simulator

/// The line between the bus and its units: carries the bytes, and checks every transmission (R1, R4, R7, R9, R11, R12).
final class LineActor: BusLink {
    /// So many requests have a stamp of their own on each line.
    private static let stampsOfLine = 16_384

    /// The tries of clients at a unit that is silent.
    private struct Silence {
        let began: Instant
        /// What each address has tried already.
        var tried: Set<[String]> = []
        var repeated: Int64 = 0
    }

    let settings: LineSettings
    private let firstStamp: Int
    let timeline: VirtualTimeline
    private let verdict: Verdict
    private var random: RandomSource
    private var line: SimulatedLine?
    weak var bus: Bus?
    private(set) var transmissions: Transmissions
    private(set) var isPlugged = false
    /// How many have unplugged it and not plugged it in yet: at first the world, later the world and faults.
    private var unpluggings = 1
    /// From this address on the units say nothing, as Growatts do to registers that they lack; nil: they answer all (R11).
    var silentFrom: UInt16?
    private var lastUnplugged = Instant.distantPast
    private var lastPlugged = Instant.distantPast
    /// When each unit was last reported live again.
    private var lastLive: [UnitIdentifier: Instant] = [:]
    /// When the last byte, and the last byte of a frame, was on the line.
    private(set) var lastByte = Instant.distantPast
    private var lastFrameByte = Instant.distantPast
    /// When the last request was sent, and when it may be given up without a reply.
    private(set) var lastSent = Instant.distantPast
    private(set) var openUntil = Instant.distantPast
    private var silentUnits: Set<UnitIdentifier> = []
    /// How many reads each silent unit was sent, and since when.
    private var silences: [UnitIdentifier: Silence] = [:]
    /// How often each request was sent since it was answered last.
    private var unanswered: [RTUFrame: Int] = [:]
    /// What clients have asked of this line, each read in its parts, and how often for each write.
    private var askedUnits: Set<UnitIdentifier> = []
    private var askedReads: Set<RTUFrame> = []
    private var askedWrites: [RTUFrame: Int] = [:]
    private var currentNumber = 0
    /// Called with every frame that goes to the line.
    var onTransmit: ((RTUFrame) -> Void)?

    /// - Parameter number: of the line, 0–3: its replies have stamps of its own.
    init(
        _ settings: LineSettings, number: Int, timeline: VirtualTimeline, verdict: Verdict, random: RandomSource
    ) {
        self.settings = settings
        firstStamp = number * Self.stampsOfLine
        transmissions = Transmissions(firstStamp: firstStamp)
        self.timeline = timeline
        self.verdict = verdict
        self.random = random
        let line = SimulatedLine(
            settings: settings.line, timeline: timeline, random: self.random.split(), units: makeUnits()
        ) { [weak self] in self?.deliver($0) }
        line.onRequest = { [weak self] in self?.note(number: $0, frame: $1) }
        line.onReply = { [weak self] in self?.noteReply(to: $0, isIntact: $1) }
        line.onUnplug = { [weak self] in self?.pullPlug(for: $0) }
        self.line = line
    }

    private func makeUnits() -> [(UnitIdentifier, SimulatedLine.Unit)] {
        (1...UInt8(settings.units)).map { unit in
            (
                UnitIdentifier(rawValue: unit),
                { [weak self] in
                    guard let self else { return nil }
                    if let silentFrom, $0.function.isRead, $0.word(at: 1).map({ $0 >= silentFrom }) == true {
                        return nil
                    }
                    return StampingUnit.answer($0, number: firstStamp + currentNumber)
                }
            )
        }
    }

    func plug() {
        unpluggings -= 1
        guard unpluggings == 0 else { return }
        isPlugged = true
        lastPlugged = timeline.now
        lastByte = timeline.now
        lastFrameByte = timeline.now
        openUntil = timeline.now
        bus?.lineOpened()
    }

    /// Another bus gets the device, and knows nothing of its units.
    func take(_ bus: Bus) {
        self.bus = bus
        (silentUnits, silences, unanswered) = ([], [:], [:])
        guard isPlugged else { return }
        lastPlugged = timeline.now
        lastByte = timeline.now
        lastFrameByte = timeline.now
        bus.lineOpened()
    }

    func unplug() {
        unpluggings += 1
        guard unpluggings == 1 else { return }
        isPlugged = false
        lastUnplugged = timeline.now
        line?.unplug()
        bus?.lineClosed("unplugged")
    }

    /// A fault unplugs the device, once the last byte of the request has passed.
    private func pullPlug(for duration: Duration) {
        let end = lastByte
        timeline.schedule(at: end) { [weak self] in self?.unplug() }
        timeline.schedule(at: end + duration) { [weak self] in self?.plug() }
    }

    func reopen() {
        unplug()
        plug()
    }

    func makeNoise() {
        guard isPlugged else { return }
        var noise = (0..<Int.random(in: 1...6, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        // A broker has to take bytes that begin like the reply to the newest request for a damaged reply.
        if noise.count > 1, let newest = transmissions.last?.frame, noise[0] == newest.unit.rawValue,
            FunctionCode(rawValue: noise[1]).withoutExceptionBit == newest.pdu.function
        {
            noise[0] ^= 0xFF
        }
        deliver(noise)
    }

    func transmit(_ bytes: [UInt8]) {
        let now = timeline.now
        verdict.note("bus → line \(bytes.hexadecimal)")
        guard let frame = RTUFrame(bytes) else {
            verdict.check("R2", false, "a broken frame was sent: \(bytes)")
            return
        }
        onTransmit?(frame)
        unanswered[frame, default: 0] += 1
        let isRead = frame.pdu.function.isRead
        verdict.check("R12", isPlugged, "sent while the line is unplugged")
        verdict.check("routes", isAsked(frame, isRead: isRead), "nobody asked this of this line: \(frame.summary)")
        checkTurn(at: now)
        checkWrite(frame, isRead: isRead)
        checkPause(frame, at: now)
        let end = now + settings.bus.timing.time(of: bytes.count)
        lastSent = now
        lastByte = end
        lastFrameByte = end
        let isBroadcast = frame.unit.isBroadcast && !isRead
        openUntil = end + (isBroadcast ? settings.bus.turnaroundDelay : settings.bus.responseTimeout)
        line?.transmit(bytes)
    }

    private func note(number: Int, frame: RTUFrame) {
        currentNumber = number
        let isRead = frame.pdu.function.isRead
        transmissions.sent(.init(number: number, frame: frame, isRead: isRead, instant: timeline.now))
    }

    private func noteReply(to number: Int, isIntact: Bool) {
        transmissions.replied(to: number, isIntact: isIntact, at: timeline.now)
        lastFrameByte = max(lastFrameByte, timeline.now)
    }

    private func deliver(_ bytes: [UInt8]) {
        guard isPlugged else { return }
        lastByte = max(lastByte, timeline.now)
        verdict.note("line → bus \(bytes.hexadecimal)")
        bus?.received(bytes)
    }
}

// MARK: The rules of a transmission

extension LineActor {
    private func checkTurn(at now: Instant) {
        verdict.check("R1", transmissions.isNewestAnswered || now >= openUntil, "sent while a reply may still come")
    }

    private func checkPause(_ frame: RTUFrame, at now: Instant) {
        let silence = settings.bus.timing.interFrameSilence
        verdict.check("R7", now >= lastByte + silence, "t3.5 not kept: \(now - lastByte)")
        let isRetry = transmissions.last.map { $0.frame == frame && $0.isRead } ?? false
        let pause = max(settings.bus.minPeriod, silence)
        verdict.check("R7", isRetry || now >= lastFrameByte + pause, "min-period not kept: \(now - lastFrameByte)")
    }

    private func checkWrite(_ frame: RTUFrame, isRead: Bool) {
        guard !isRead else { return }
        let (sent, asked) = (transmissions.writes(of: frame), askedWrites[frame] ?? 0)
        verdict.check("R9", sent < asked, "a write was sent \(sent + 1) times for \(asked) requests: \(frame.summary)")
    }

    /// A client has asked for this, as the line knows its unit.
    func noteAsked(_ frame: RTUFrame, isRead: Bool) {
        askedUnits.insert(frame.unit)
        if isRead { askedReads.formUnion(settings.parts(of: frame)) } else { askedWrites[frame, default: 0] += 1 }
    }

    /// Whether a client has asked for this and may, or it is the read by which the broker tells an echo (R16).
    private func isAsked(_ frame: RTUFrame, isRead: Bool) -> Bool {
        let probe = PDU(read: .readHoldingRegisters, address: 0, quantity: 1)
        return askedUnits.contains(frame.unit) && (!isRead || frame.pdu == probe || askedReads.contains(frame))
    }

    /// A request has turned out to be a copy of one that is pending.
    func noteJoined(_ frame: RTUFrame, isRead: Bool) {
        if !isRead { askedWrites[frame, default: 0] -= 1 }
    }

    /// Whether the line was unplugged at any moment since then: an answer may have been held (R8).
    func wasUnplugged(since instant: Instant) -> Bool {
        !isPlugged || lastUnplugged >= instant || lastPlugged >= instant
    }

    /// Whether the unit was reported silent at any moment since then.
    func wasSilent(_ unit: UnitIdentifier, since instant: Instant) -> Bool {
        silentUnits.contains(unit) || lastLive[unit, default: .distantPast] >= instant
    }

    func isSilent(_ unit: UnitIdentifier) -> Bool { silentUnits.contains(unit) }

    /// Each client has a read sent once to a silent unit, without a retry; after that one goes each 10 s.
    func checkTry(_ exchange: Exchange) {
        let query = exchange.query
        guard query.isRead, let sent = exchange.sent, var silence = silences[query.lineUnit],
            silence.began < query.arrived
        else { return }
        verdict.check("R11", exchange.attempts == 1, "a silent unit was asked again: \(query.summary)")
        let isNew = silence.tried.insert([query.client.address, query.lineFrame.bytes.hexadecimal]).inserted
        if !isNew { silence.repeated += 1 }
        silences[query.lineUnit] = silence
        let allowed = (sent - silence.began).components.seconds / 10 + 1
        verdict.check("R11", silence.repeated <= allowed, "a silent unit was asked the same so soon: \(query.summary)")
    }

    /// A client was given the answer to this.
    func noteAnswered(_ frame: RTUFrame, by reply: RTUFrame) {
        let parts = settings.parts(of: frame)
        // An exception answers one of several parts, and it is not known which.
        guard parts.count == 1 || reply.pdu.exceptionCode == nil else { return }
        for part in parts { unanswered[part] = nil }
    }

    /// Whether a unit may be said to be silent about this: it was asked twice without an answer (R11).
    func hasMetSilence(_ frame: RTUFrame) -> Bool {
        settings.parts(of: frame).contains { unanswered[$0, default: 0] >= 2 }
    }

    func observe(_ event: BrokerEvent.LineEvent) {
        switch event {
        case .unitSilent(let unit):
            silentUnits.insert(unit)
            silences[unit] = Silence(began: timeline.now)
        case .unitLive(let unit):
            silentUnits.remove(unit)
            silences[unit] = nil
            lastLive[unit] = timeline.now
        case .opened, .closed, .echoDetected: break
        }
    }

    /// What is taken for the answer to a write must come from its unit, and not be the echo of the write itself (R16).
    ///
    /// - Parameter request: as it was on the line.
    func checkSource(of exchange: Exchange, _ request: RTUFrame) {
        guard case .success = exchange.result, exchange.source == .bus, !exchange.query.isRead, let sent = exchange.sent
        else { return }
        verdict.check(
            "R16", transmissions.isAnswered(request, sent: sent),
            "an answer that no unit gave: \(exchange.query.summary)")
    }
}
