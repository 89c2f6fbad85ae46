extension Configuration {
    /// The effective configuration as YAML that can be read again: every value, behind it where it comes from.
    package var effective: String {
        var lines: [(text: String, origin: String?)] = []
        write(YAMLNode(GatewaySettings.fields.entries(of: settings)), path: [], indent: "", to: &lines)
        let width = min(lines.map { $0.origin == nil ? 0 : $0.text.count }.max() ?? 0, 60)
        return lines.map { text, origin in
            guard let origin else { return text + "\n" }
            return text + String(repeating: " ", count: max(0, width - text.count)) + "  # \(origin)\n"
        }.joined()
    }

    private func write(
        _ node: YAMLNode, path: [String], indent: String, to lines: inout [(text: String, origin: String?)]
    ) {
        for entry in node.entries {
            let path = path + [entry.key]
            let key = "\(indent)\(entry.key.plainOrQuoted):"
            switch entry.value.content {
            case .scalar(let text, _): lines.append(("\(key) \(text.plainOrQuoted)", origin(path)))
            case .mapping:
                lines.append((key, nil))
                write(entry.value, path: path, indent: indent + "  ", to: &lines)
            case .sequence(let elements):
                lines.append((elements.isEmpty ? "\(key) []" : key, elements.isEmpty ? origin(path) : nil))
                for (index, element) in elements.enumerated() {
                    write(element: element, path: path + ["\(index)"], indent: indent + "  ", to: &lines)
                }
            }
        }
    }

    private func write(
        element: YAMLNode, path: [String], indent: String, to lines: inout [(text: String, origin: String?)]
    ) {
        if case .scalar(let text, _) = element.content {
            lines.append(("\(indent)- \(text.plainOrQuoted)", origin(path)))
            return
        }
        let first = lines.count
        write(element, path: path, indent: indent + "  ", to: &lines)
        if lines.count > first {
            lines[first].text = "\(indent)- " + lines[first].text.dropFirst(indent.count + 2)
        }
    }

    /// Where the value at a path comes from, such as `--retries`, `INV_DEV`, `config.yaml:12` or `default`.
    private func origin(_ path: [String]) -> String {
        // One value may stand for a list of one.
        let node = tree[path] ?? (path.last == "0" ? tree[path.dropLast()] : nil)
        guard let node, !node.isEmpty else { return YAMLNode.defaultOrigin }
        return node.origin ?? "\(file):\(node.place.line)"
    }
}

extension String {
    /// As a YAML text of one line that is read as itself.
    fileprivate var plainOrQuoted: String {
        let isPlain = utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) || "._/-:".utf8.contains(byte)
        }
        let needsQuotes =
            isEmpty || !isPlain || hasPrefix("-") || hasPrefix(":") || hasSuffix(":") || lowercased() == "null"
        return needsQuotes ? quoted : self
    }

    private var quoted: String {
        var text = "\""
        for scalar in unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case _ where scalar.value < 0x20 || (0x7F...0xA0).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                text += "\\x" + (digits.count == 1 ? "0" : "") + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
