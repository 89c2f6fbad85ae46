extension GatewaySettings {
    /// Checks what no key can know alone.
    ///
    /// - Throws: ``YAMLError`` for values that do not fit together.
    mutating func finish(_ reader: YAMLReader) throws(YAMLError) {
        if lines.isEmpty { lines = [LineSettings()] }
        if capture?.file.isEmpty == true { capture = nil }
        guard lines.count == 1 else {
            throw reader.at(["lines", "1"]).error("more than one line is not supported in this version")
        }
        lines[0].dropDongle()
        try checkLine(reader)
        try checkListeners(reader)
        try checkFiles(reader)
    }

    /// What is read must not be written to, and two writers need two files.
    private func checkFiles(_ reader: YAMLReader) throws(YAMLError) {
        if let capture, log.file == .file(capture.file) {
            throw reader.at(["capture", "file"]).refusal("another file than that of the wire log")
        }
        guard let recording = line.recording?.file else { return }
        if log.file == .file(recording) { throw reader.at(["log", "file"]).refusal("another file than the recording") }
        if capture?.file == recording {
            throw reader.at(["capture", "file"]).refusal("another file than the recording")
        }
    }

    private func checkLine(_ reader: YAMLReader) throws(YAMLError) {
        if line.source == .line, line.poll == .dataset {
            throw reader.at(["lines", "0", "poll"]).refusal("blocks of the inverter, such as input:0-124")
        }
        guard line.port.endpoint == nil, line.source == .line else { return }
        let isOfFile = reader.node[["lines", "0"]].map { !$0.isDefault } ?? false
        if isOfFile {
            throw reader.at(["lines", "0"]).error("one of endpoint, dataset and recording is missing")
        }
        guard reader.file.isEmpty else {
            throw YAMLError(
                file: reader.file, place: nil,
                reason:
                    "lines is missing; expected the inverter's, as in `lines: [{endpoint: /dev/ttyUSB0}]`, or --inverter"
            )
        }
        throw YAMLError(
            file: "--inverter", place: nil,
            reason: "is missing; expected the device of the inverter's line, as in "
                + "`growatt-broker --inverter /dev/ttyUSB0`; to try it without hardware: `growatt-broker demo`")
    }

    private func checkListeners(_ reader: YAMLReader) throws(YAMLError) {
        let list = reader.at(["listeners"])
        guard !tcp.isEmpty || line.dongle != nil || !pty.isEmpty || line.poll != nil else {
            let reason = "leaves nobody who could ask; expected at least one of them"
            if list.node.origin == nil, list.node.isSequence {
                throw list.error("no tcp and no pty, without a dongle or a poll of the line, \(reason)")
            }
            throw YAMLError(
                file: "--tcp none", place: nil, reason: "without --tcp-alt, --shine or --pty it \(reason)")
        }
        if line.source == .line,
            let index = listeners.firstIndex(where: { if case .pty = $0.kind { true } else { false } })
        {
            throw reader.at(["listeners", "\(index)", "pty"]).error("has no meaning in mode live")
        }
        if listeners.count(where: { if case .sniff = $0.kind { true } else { false } }) > 1 {
            throw list.error("more than one sniff feed; expected one")
        }
        for (index, listener) in listeners.enumerated() {
            guard case .pty(let path) = listener.kind, pty.firstIndex(of: path) != pty.lastIndex(of: path) else {
                continue
            }
            throw reader.at(["listeners", "\(index)", "pty"]).error("\(path.debugDescription) is there twice")
        }
        var taken: [HostPort: YAMLReader] = [:]
        for (index, listener) in listeners.enumerated() {
            let (key, address): (String, HostPort)
            switch listener.kind {
            case .tcp(let place): (key, address) = ("tcp", place)
            case .sniff(let place): (key, address) = ("sniff", place)
            case .rtuTCP, .udp, .rtuUDP, .tls, .pty, .none: continue
            }
            let here = reader.at(["listeners", "\(index)", key])
            guard address.port != 0, let other = taken.updateValue(here, forKey: address) else { continue }
            throw here.error(
                "\"\(address)\" is taken already by \(other.whereabouts); expected a different address for each listener"
            )
        }
    }
}

extension LineSettings {
    /// A dongle without a device is none, nor is one at the inverter's own: so the prototype had it.
    fileprivate mutating func dropDongle() {
        guard let path = dongle?.port.path else { return }
        isDongleAtInverter = !path.isEmpty && path == port.path
        if path.isEmpty || isDongleAtInverter { dongle = nil }
    }
}

extension YAMLReader {
    /// The reader of what is at a path below this; of this, if nothing is there.
    fileprivate func at(_ path: [String]) -> YAMLReader {
        guard let node = node[path] else { return self }
        let text = path.reduce(self.path) { text, step in
            if Int(digits: step) != nil { return "\(text)[\(step)]" }
            return text.isEmpty ? step : "\(text).\(step)"
        }
        return YAMLReader(node, file: file, path: text)
    }

    /// What gave the value.
    fileprivate var whereabouts: String { node.origin ?? "line \(node.place.line)" }
}
