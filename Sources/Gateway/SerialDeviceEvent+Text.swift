internal import Logging
internal import Recording
internal import SerialLine
internal import Transport

extension SerialDevice.Event {
    /// One line for the operator.
    func tell(_ logger: Logger, of name: String, _ port: GatewayConfiguration.Port) {
        switch self {
        case .opened(let opened):
            let line = "\(name): \(port.path) is open at \(port.settings.baud) \(port.settings.format)"
            logger.info("\(([line] + opened.notes).joined(separator: "; "))")
        case .lost(let reason): logger.warning("\(name): \(port.path) is gone (\(reason)); trying again")
        case .notOpened(let reason): logger.warning("\(name): \(reason); trying again")
        }
    }

    /// What the wire log says of the dongle's port; the line's own events tell of the inverter's.
    func note(of port: GatewayConfiguration.Port) -> WireLogNote? {
        let fields: [(WireLogField, WireLogNote.Value)] = [
            (.port, .text(port.path)), (.baud, .number(port.settings.baud.bitsPerSecond)),
            (.format, .text(port.settings.format.description)),
        ]
        return switch self {
        case .opened: WireLogNote(.shineOnline, fields)
        case .lost: WireLogNote(.shineOffline, fields)
        case .notOpened: nil
        }
    }
}
