/// The port of an inverter or of a dongle.
package struct PortSettings: Hashable, Sendable {
    /// The device's path; empty: none.
    var path = ""
    /// 50 to 4,000,000 bits per second.
    var baud = Endpoint.defaultBaud
    var format = Endpoint.defaultFormat
    var direction: Endpoint.SendingLevel?

    /// nil: there is none.
    package var endpoint: Endpoint? {
        path.isEmpty ? nil : .serial(path: path, baud: baud, format: format, direction: direction)
    }

    static let fields: [SettingField<PortSettings>] = [
        SettingField(
            key: "endpoint", summary: "A device path, or serial:///dev/ttyUSB0?baud=9600&format=8N1", schema: .text(),
            read: { (port, reader) throws(YAMLError) in
                guard case .scalar(let text, _) = reader.node.content else { throw reader.refusal(Endpoint.allowed) }
                // Empty by a flag or a variable: there is none.
                if !text.isEmpty { port.path = try reader.endpoint(text).path }
            },
            written: { $0.path.isEmpty ? nil : YAMLNode(default: $0.path) }),
        .value("baud", \.baud, .number(Endpoint.allowedBaud), "Bits per second; default 9600"),
        .value("format", \.format, .format, "Data bits, parity and stop bits; default 8N1"),
        .optional(
            "rs485", \.direction, .word, "The level of RTS while sending, for transceivers that the driver switches"),
    ]
}

extension YAMLReader {
    fileprivate func endpoint(_ text: String) throws(YAMLError) -> EndpointText {
        do throws(EndpointError) {
            return try EndpointText(text)
        } catch {
            guard EndpointText.isOfLaterVersion(text) else { throw refusal(error.allowed) }
            throw refusal("\(Endpoint.allowed); other endpoints are not supported in this version")
        }
    }
}

extension YAMLNode {
    /// Without what the URL of the endpoint has said besides the device: another device is no such port.
    func withoutPartsOfEndpoint(at path: [String]) -> YAMLNode {
        guard let port = self[path], let endpoint = self[path + ["endpoint"]] else { return self }
        let rest = port.keeping { (entry: YAMLNode.Entry) in
            !["baud", "format", "rs485"].contains(entry.key) || entry.value.place != endpoint.place
                || entry.value.origin != endpoint.origin
        }
        return setting(path, to: rest)
    }

    /// With the parameters of endpoints' URLs as keys of their own, so that each can be overridden.
    ///
    /// - Parameter path: of the mapping with the endpoint. A URL that is wrong stays as it is.
    func resolvingEndpoint(at path: [String]) -> YAMLNode {
        guard let node = self[path + ["endpoint"]], case .scalar(let text, _) = node.content,
            let written = try? EndpointText(text)
        else { return self }
        let parts = [
            ("endpoint", written.path), ("baud", written.baud.map { "\($0)" }),
            ("format", written.format.map { "\($0)" }), ("rs485", written.direction?.rawValue),
        ]
        return parts.reduce(self) { tree, part in
            guard let value = part.1 else { return tree }
            let scalar = YAMLNode(content: .scalar(value, isPlain: false), place: node.place, origin: node.origin)
            return tree.setting(path + [part.0], to: scalar)
        }
    }
}
