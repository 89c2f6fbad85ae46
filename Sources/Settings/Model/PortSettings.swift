package import Endpoints

/// The port of an inverter or of a dongle.
package struct PortSettings: Hashable, Sendable {
    /// The device's path, or a URL as ``network`` is read; empty: none.
    var path = ""
    /// Where it is if it is no serial device.
    var network: Endpoint?
    /// 50 to 4,000,000 bits per second.
    var baud = Endpoint.defaultBaud
    var format = Endpoint.defaultFormat
    var direction: Endpoint.SendingLevel?

    /// nil: there is none.
    package var endpoint: Endpoint? {
        if let network { return network }
        return path.isEmpty ? nil : .serial(path: path, baud: baud, format: format, direction: direction)
    }

    static func fields(_ place: Endpoint.Place, _ summary: String) -> [SettingField<PortSettings>] {
        let serial: [SettingField<PortSettings>] = [
            .value("baud", \.baud, .number(Endpoint.allowedBaud), "Bits per second; default 9600"),
            .value("format", \.format, .format, "Data bits, parity and stop bits; default 8N1"),
            .optional(
                "rs485", \.direction, .word, "The level of RTS while sending, for transceivers that the driver switches"
            ),
        ]
        return [endpoint(place, summary)] + serial.map { field in field.written { $0.network == nil } }
    }

    private static func endpoint(_ place: Endpoint.Place, _ summary: String) -> SettingField<PortSettings> {
        SettingField(
            key: "endpoint", summary: summary, schema: .text(),
            read: { (port, reader) throws(YAMLError) in
                guard case .scalar(let text, _) = reader.node.content else { throw reader.refusal(place.allowed) }
                // Empty by a flag or a variable: there is none.
                guard !text.isEmpty else { return }
                do throws(EndpointError) {
                    let endpoint = try Endpoint(text, at: place)
                    port.path = endpoint.path
                    if case .serial = endpoint { port.network = nil } else { port.network = endpoint }
                } catch {
                    throw reader.refusal(error.allowed, meant: error.meant)
                }
            },
            written: { $0.path.isEmpty ? nil : YAMLNode(default: $0.path) })
    }

    /// Whether a key of a line or a dongle means nothing, because it is about a serial line, or about any line at all.
    func hasNoMeaning(_ key: String) -> Bool {
        switch (network, key) {
        case (.modbusTCP, "ignore-transaction-ids"), (.listeningTCP, "ignore-transaction-ids"): false
        case (_, "ignore-transaction-ids"): true
        case (.listeningTCP, "allow"), (.listeningTCP, "deny"): false
        case (nil, "allow"), (nil, "deny"): !path.isEmpty
        case (_, "allow"), (_, "deny"): true
        case (nil, _): false
        case (_, "baud"), (_, "format"), (_, "rs485"), (_, "local-echo"): true
        case (.modbusTCP, "silence"), (.modbusUDP, "silence"), (.listeningTCP, "silence"): true
        default: false
        }
    }
}
