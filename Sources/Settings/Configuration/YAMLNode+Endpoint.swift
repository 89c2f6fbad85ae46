internal import Endpoints

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
    /// - Parameter path: of the mapping with the endpoint. A URL that is wrong, or of no serial device, stays as it is.
    func resolvingEndpoint(at path: [String]) -> YAMLNode {
        guard let node = self[path + ["endpoint"]], case .scalar(let text, _) = node.content,
            let written = try? EndpointText(text, allowed: "")
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

    /// Without what was said about a serial device where one on the network has taken its place: what holds for both
    /// ports, and what a layer below that of the endpoint says.
    ///
    /// - Parameters:
    ///   - path: of the mapping with the endpoint.
    ///   - place: whose it is.
    func withoutUnusedOfDevice(at path: [String], _ place: Endpoint.Place) -> YAMLNode {
        guard let port = self[path], let node = port[["endpoint"]], case .scalar(let text, _) = node.content,
            let endpoint = try? Endpoint(text, at: place)
        else { return self }
        var settings = PortSettings()
        if case .serial = endpoint { settings.path = endpoint.path } else { settings.network = endpoint }
        let forBoth = SettingKey.baud.origins + SettingKey.bytes.origins
        return setting(
            path,
            to: port.keeping { (entry: YAMLNode.Entry) in
                !settings.hasNoMeaning(entry.key)
                    || (entry.value.layer >= node.layer && !forBoth.contains(entry.value.origin ?? ""))
            })
    }

    /// What set it: 0 for nobody, 1 for the file, 2 for a variable, 3 for a flag.
    private var layer: Int {
        guard let origin else { return 1 }
        return isDefault ? 0 : origin.hasPrefix("--") ? 3 : 2
    }
}
