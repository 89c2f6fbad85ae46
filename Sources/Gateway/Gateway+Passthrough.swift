internal import Broker
internal import Logging
internal import SerialLine
internal import Text
internal import Transport
internal import WireLog

/// The dongle's port and the line, joined for a firmware update.
extension Gateway {
    /// Minutes that a passthrough may be asked for.
    static let passthroughMinutes = 1...240

    /// - Parameters:
    ///   - name: of the line; nil: the one with a dongle.
    ///   - isToEnd: nil means the one where a passthrough is on.
    /// - Throws: ``GatewayError/refused(_:)``.
    func lineForPassthrough(_ name: String?, isToEnd: Bool) throws(GatewayError) -> GatewayLine {
        let names = lines.map(\.line.name).joined(separator: ", ")
        if let name {
            guard let line = lines.first(where: { $0.line.name == name }) else {
                throw .refused("line \(name.debugDescription): there is none; expected one of \(names)")
            }
            return line
        }
        let running = lines.filter { $0.passthrough != nil }
        if isToEnd, running.count == 1, let line = running.first { return line }
        let candidates = lines.count == 1 ? lines : lines.filter { $0.dongle.link != nil }
        guard candidates.count < 2 else {
            throw .refused("there is more than one dongle; name a line of \(names), by --line")
        }
        guard let line = candidates.first else {
            throw .refused("there is no dongle for a passthrough; its port is to be named in the configuration")
        }
        return line
    }

    /// Begins a passthrough, or lets the one that is on go on for so long from now.
    ///
    /// - Returns: what the operator should know, a line each.
    /// - Throws: ``GatewayError/refused(_:)`` with what is in the way.
    func startPassthrough(on line: GatewayLine, minutes: Int) throws(GatewayError) -> [String] {
        guard !isStopping else { throw .refused("the broker is stopping") }
        guard reloads == 0 else { throw .refused("a reload is under way; try again") }
        let hasLog = configuration.log != .none
        return try line.startPassthrough(minutes: minutes, hasLog: hasLog)
    }
}

extension GatewayLine {
    fileprivate func startPassthrough(minutes: Int, hasLog: Bool) throws(GatewayError) -> [String] {
        let (duration, logger) = (Duration.seconds(minutes * 60), environment.logger)
        if let passthrough {
            passthrough.prolong(for: duration)
            logger.warning("passthrough: goes on for \(minutes.counted("minute")) from now")
            return []
        }
        let passthrough = try makePassthrough()
        let notes = passthroughNotes(hasLog: hasLog)
        logger.warning(
            "passthrough for \(minutes.counted("minute")): the dongle gets the line for itself, all other clients get exception 0x0A"
        )
        for note in notes { logger.warning("passthrough: \(note)") }
        passthrough.start(for: duration)
        return notes
    }

    private func makePassthrough() throws(GatewayError) -> Passthrough {
        do throws(Switchboard.PassthroughRefusal) {
            return try environment.switchboard.makePassthrough(on: line) { [weak self] in self?.tell($0) }
        } catch {
            throw .refused(words(for: error))
        }
    }

    private func words(for refusal: Switchboard.PassthroughRefusal) -> String {
        switch refusal {
        case .noLine: "there is no line for a passthrough: \(line.name) is simulated"
        case .noDongle: "there is no dongle for a passthrough; its port is to be named in the configuration (--shine)"
        case .hasTransactions:
            "\(configuration.portName) carries Modbus frames only, and an update has other bytes"
        case .hearsItself:
            "the adapter at \(configuration.portName) hears what it transmits, and a passthrough would give that to the dongle"
        }
    }

    /// What may go wrong, and is no reason to refuse.
    private func passthroughNotes(hasLog: Bool) -> [String] {
        var notes: [String] = []
        if case .line(.serial(let path, let port)) = configuration.source,
            case .serial(let donglePath, let dongle)? = configuration.dongle?.port,
            (port.baud, port.format) != (dongle.baud, dongle.format)
        {
            notes.append(
                "the ports differ: \(path) \(port.baud) \(port.format), \(donglePath) \(dongle.baud) \(dongle.format)")
        }
        if !hasLog { notes.append("no wire log is written (--log): its bytes are kept nowhere") }
        if source.status?.isOpen == false { notes.append("the line's port is not open") }
        return notes
    }

    private func tell(_ event: BrokerEvent) {
        let logger = environment.logger
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

extension GatewayConfiguration.Line {
    /// Without speed and format; that of the line where units are simulated.
    fileprivate var portName: String { if case .line(let port) = source { port.name } else { name } }
}
