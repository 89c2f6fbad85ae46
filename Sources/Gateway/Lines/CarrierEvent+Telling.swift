internal import Endpoints
internal import Logging
internal import SerialLine
internal import Settings
internal import Transport
internal import WireLog

extension CarrierEvent {
    /// One line for the operator.
    func tell(_ logger: Logger, of name: String, _ port: Port) {
        switch self {
        case .opened(let notes, _):
            let verb = if case .serial = port { "is open at" } else { "is connected" }
            let line = "\(name): \(port.name) \(verb)\(port.format)"
            logger.info("\(([line] + notes).joined(separator: "; "))")
        case .lost(let reason):
            logger.warning(
                "\(name): \(port.name) is gone (\(reason)); \(port.isListening ? "waiting for it" : "trying again")")
        case .notOpened(let reason):
            // A device's own errors name it.
            let place = if case .serial = port { "" } else { "\(port.name): " }
            logger.warning("\(name): \(place)\(reason); trying again")
        case .said: break
        }
    }

    /// What the wire log says of the dongle's port; the line's own events tell of the inverter's.
    ///
    /// - Parameter line: the name of the dongle's line, where there are several.
    func note(of port: Port, line: String?) -> WireLogNote? {
        var fields: [(WireLogField, WireLogNote.Value)] = [(.port, .text(port.name))]
        if case .serial(_, let settings) = port {
            fields += [
                (.baud, .number(settings.baud.bitsPerSecond)), (.format, .text(settings.format.description)),
            ]
        }
        if let line { fields.append((.line, .text(line))) }
        return switch self {
        case .opened: WireLogNote(.shineOnline, fields)
        case .lost: WireLogNote(.shineOffline, fields)
        case .notOpened, .said: nil
        }
    }
}

extension Port {
    /// Whether who is to be there dials in.
    fileprivate var isListening: Bool {
        guard case .server(let endpoint) = self, case .listeningRTUOverTCP = endpoint else { return false }
        return true
    }

    /// Behind a verb, such as ` 9600 8N1`; nothing for a server.
    fileprivate var format: String {
        guard case .serial(_, let settings) = self else { return "" }
        return " \(settings.baud) \(settings.format)"
    }
}
