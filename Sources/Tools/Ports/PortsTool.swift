package import SerialLine
internal import Text

/// `growatt-broker ports`.
package struct PortsTool {
    private let isJSON: Bool
    private let output: Output

    package init(isJSON: Bool, _ output: Output) {
        self.isJSON = isJSON
        self.output = output
    }

    /// Prints what is known about each port.
    ///
    /// - Throws: ``ToolError/incomplete`` if there is none; ``ToolError/outputClosed``.
    package func run(_ ports: [PortDescription]) throws(ToolError) {
        if isJSON {
            try output.write(JSONValue.array(ports.map { json($0, among: ports) }).line + "\n")
        } else {
            for (number, port) in ports.enumerated() {
                try output.write((number == 0 ? "" : "\n") + text(port, among: ports))
            }
            if ports.isEmpty {
                output.tell(
                    "no serial port; is the adapter plugged in? --all lists pseudo-terminals and empty ports too")
            }
        }
        if ports.isEmpty { throw .incomplete }
    }

    func text(_ port: PortDescription, among ports: [PortDescription]) -> String {
        let adapter = [port.driver, Self.name(port.adapter)].compactMap(\.self).joined(separator: ", ")
        var lines = [output.styled(port.device, .bold) + (adapter.isEmpty ? "" : "  \(adapter)")]
        if let name = port.byID { lines.append("  by-id    \(name)") }
        if let name = port.byPath { lines.append("  by-path  \(name)") }
        let holders = port.holders.map(\.description).joined(separator: ", ")
        lines.append(
            "  open in  " + (holders.isEmpty ? "no program that can be seen" : output.styled(holders, .yellow)))
        switch port.access {
        case .allowed: lines.append("  access   " + output.styled("you may open it", .green))
        case .denied(let group):
            let remedy = group.map { "join the group \($0): sudo usermod -aG \($0) $USER, and log in again" }
            lines.append("  access   " + output.styled("you may not open it", .red) + (remedy.map { "; \($0)" } ?? ""))
        }
        lines.append("  use      --inverter \(port.recommendedName(among: ports))")
        return lines.joined(separator: "\n") + "\n"
    }

    func json(_ port: PortDescription, among ports: [PortDescription]) -> JSONValue {
        let texts: [(String, String?)] = [
            ("device", port.device), ("by_id", port.byID), ("by_path", port.byPath), ("driver", port.driver),
            ("manufacturer", port.adapter.manufacturer), ("product", port.adapter.product),
            ("serial", port.adapter.serialNumber), ("usb_id", port.adapter.identifiers),
        ]
        var members = texts.map { JSONValue.Member($0, $1.map { .string($0) } ?? .null) }
        members.append(
            .init(
                "open_in",
                .array(
                    port.holders.map {
                        .object([.init("pid", .number("\($0.process)")), .init("program", .string($0.program))])
                    })))
        var group: String?
        if case .denied(let name) = port.access { group = name }
        members.append(.init("may_open", .bool(port.access == .allowed)))
        members.append(.init("group", group.map { .string($0) } ?? .null))
        members.append(.init("inverter", .string(port.recommendedName(among: ports))))
        return .object(members)
    }

    private static func name(_ adapter: PortDescription.Adapter) -> String? {
        let words = [adapter.manufacturer, adapter.product].compactMap(\.self).joined(separator: " ")
        let name = [words.isEmpty ? nil : words, adapter.identifiers.map { "(\($0))" }].compactMap(\.self)
        return name.isEmpty ? nil : name.joined(separator: " ")
    }
}

extension PortDescription {
    /// The name that leads to this port tomorrow too, as far as there is one.
    ///
    /// Adapters without a serial number of their own share one name by adapter: of several only the socket tells which.
    func recommendedName(among ports: [PortDescription]) -> String {
        let isOneOfSeveral = ports.contains {
            $0.device != device && $0.adapter.identifiers != nil && $0.adapter.identifiers == adapter.identifiers
                && $0.adapter.serialNumber == adapter.serialNumber
        }
        return (isOneOfSeveral ? byPath ?? byID : byID ?? byPath) ?? device
    }
}
