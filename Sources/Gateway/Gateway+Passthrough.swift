internal import Broker
internal import Logging
internal import Recording
internal import SerialLine
internal import Transport

/// The dongle's port and the line, joined for a firmware update.
extension Gateway {
    /// Minutes that a passthrough may be asked for.
    static let passthroughMinutes = 1...240

    /// Begins a passthrough, or lets the one that is on go on for so long from now.
    ///
    /// - Returns: what the operator should know, a line each.
    /// - Throws: ``GatewayError/refused(_:)`` with what is in the way.
    func startPassthrough(minutes: Int) throws(GatewayError) -> [String] {
        let duration = Duration.seconds(minutes * 60)
        if let passthrough {
            passthrough.prolong(for: duration)
            logger.warning("passthrough: goes on for \(minutes) minutes from now")
            return []
        }
        let passthrough = try makePassthrough()
        self.passthrough = passthrough
        let notes = passthroughNotes
        logger.warning(
            "passthrough for \(minutes) minutes: the dongle gets the line for itself, all other clients get exception 0x06"
        )
        for note in notes { logger.warning("passthrough: \(note)") }
        passthrough.start(for: duration)
        return notes
    }

    private func makePassthrough() throws(GatewayError) -> Passthrough {
        guard !isStopping else { throw .refused("the broker is stopping") }
        guard reloads == 0 else { throw .refused("a reload is under way; try again") }
        guard let bus = source.line, case .line(let port) = configuration.source else {
            throw .refused("there is no line for a passthrough: \(configuration.name) is simulated")
        }
        guard let shine, let session = shine.session else {
            throw .refused(
                "there is no dongle for a passthrough; its port is to be named in the configuration (--shine)")
        }
        guard !bus.status.hearsItself else {
            throw .refused(
                "the adapter at \(port.path) hears what it transmits, and a passthrough would give that to the dongle")
        }
        var settings = PassthroughSettings()
        settings.shapes = configuration.bus.shapes
        settings.clientTiming = configuration.clients.serialTiming
        settings.lineTiming = configuration.bus.timing
        settings.updateRegisters = configuration.shineAccess.forbiddenWrites
        return Passthrough(
            of: shine.client, session, with: bus, settings: settings, timeline: timeline,
            observe: { [weak self] in self?.note($0) }, whenEnded: { [weak self] in self?.passthrough = nil })
    }

    /// What may go wrong, and is no reason to refuse.
    private var passthroughNotes: [String] {
        var notes: [String] = []
        if case .line(let port) = configuration.source, let shine = configuration.shine,
            (port.settings.baud, port.settings.format) != (shine.settings.baud, shine.settings.format)
        {
            notes.append(
                "the ports differ: \(port.path) \(port.settings.baud) \(port.settings.format), "
                    + "\(shine.path) \(shine.settings.baud) \(shine.settings.format)")
        }
        if configuration.log == .none { notes.append("no wire log is written (--log): its bytes are kept nowhere") }
        if source.status?.isOpen == false { notes.append("the line's port is not open") }
        return notes
    }

    private func note(_ event: BrokerEvent) {
        observers.note(event)
        switch event {
        case .passthrough(.began): logger.warning("passthrough: the dongle and the line are joined")
        case .passthrough(.endPutOff):
            logger.warning("passthrough: put off, for an update goes on; it ends five minutes after its last byte")
        case .passthrough(.ended(let reason, let figures)):
            logger.warning(
                """
                passthrough: ended (\(reason.rawValue)); \(figures.fromClient) bytes of the dongle, \
                \(figures.fromLine) of the inverter, \(figures.lost) lost
                """)
        // Once: the figures at the end have the rest.
        case .discarded(let bytes, let source, .portClosed) where passthrough?.status.figures.lost == bytes.count:
            let receiver = if case .line = source { "the dongle's" } else { "the line's" }
            logger.error("passthrough: bytes are lost, for \(receiver) port is not there; it goes on all the same")
        default: break
        }
    }
}
