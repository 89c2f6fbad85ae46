internal import Broker
internal import Endpoints
internal import Logging
internal import SerialLine
internal import Settings
internal import Transport

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
        case .replaced(let reason):
            logger.info("\(name): a newer connection to \(port.name) has taken the place of the older (\(reason))")
        case .notOpened(let reason):
            // A device's own errors name it.
            let place = if case .serial = port { "" } else { "\(port.name): " }
            logger.warning("\(name): \(place)\(reason); trying again")
        case .said: break
        }
    }

    /// What is reported of the dongle's port; nil: nothing.
    func report(of port: Port) -> BrokerEvent.DonglePortEvent? {
        let isOpen: Bool
        switch self {
        case .opened: isOpen = true
        case .lost: isOpen = false
        case .replaced, .notOpened, .said: return nil
        }
        guard case .serial(_, let settings) = port else { return .init(port: port.name, isOpen: isOpen) }
        return .init(
            port: port.name, baud: settings.baud.bitsPerSecond, format: settings.format.description, isOpen: isOpen)
    }
}

extension Port {
    /// Whether who is to be there dials in.
    fileprivate var isListening: Bool { listeningAddress != nil }

    /// Behind a verb, such as ` 9600 8N1`; nothing for a server.
    fileprivate var format: String {
        guard case .serial(_, let settings) = self else { return "" }
        return " \(settings.baud) \(settings.format)"
    }
}
