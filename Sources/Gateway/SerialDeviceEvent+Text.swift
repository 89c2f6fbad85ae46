internal import Recording
internal import SerialLine
internal import Transport

extension SerialDevice.Event {
    /// One line for the operator.
    func text(of name: String, _ port: GatewayConfiguration.Port) -> String {
        switch self {
        case .opened(let opened):
            (["\(name): \(port.path) is open at \(port.settings.baud) \(port.settings.format)"] + opened.notes)
                .joined(separator: "; ")
        case .lost(let reason): "\(name): \(port.path) is gone (\(reason)); trying again"
        case .notOpened(let reason): "\(name): \(reason); trying again"
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
