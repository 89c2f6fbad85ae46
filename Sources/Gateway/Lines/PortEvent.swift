internal import Logging
internal import SerialLine
internal import Settings
internal import Transport
internal import WireLog

/// What happens to a port, whatever it is: a serial device, or a connection in place of one.
package enum PortEvent {
    /// With what could not be had and is no error.
    case opened(notes: [String])
    case lost(reason: String)
    /// Said once for each different reason.
    case notOpened(reason: String)
    /// The first bytes from a server: each event has all of them so far.
    case said([UInt8])

    init(_ event: CarrierEvent) {
        self =
            switch event {
            case .opened(let notes, _): .opened(notes: notes)
            case .lost(let reason): .lost(reason: reason)
            case .notOpened(let reason): .notOpened(reason: reason)
            case .said(let bytes): .said(bytes)
            }
    }

    /// One line for the operator.
    func tell(_ logger: Logger, of name: String, _ port: GatewayConfiguration.Port) {
        switch self {
        case .opened(let notes):
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
    func note(of port: GatewayConfiguration.Port, line: String?) -> WireLogNote? {
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

extension GatewayConfiguration.Port {
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
