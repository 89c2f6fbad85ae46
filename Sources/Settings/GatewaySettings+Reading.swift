extension GatewaySettings {
    /// Reads the texts of flags; what is not there keeps its default. Flags without a value have the text `true`.
    ///
    /// - Parameter mode: what answers.
    /// - Throws: `SettingsError.invalid` or `.unsupported` for a single value; `.inverterMissing`, `.datasetMissing`,
    ///   `.otherMode`, `.noListener` or `.sameAddress` where the values do not fit together.
    package init(_ texts: [SettingKey: [String]], mode: SourceMode = .live) throws(SettingsError) {
        self.init()
        let reader = SettingReader(texts: texts)
        try readLines(reader)
        switch mode {
        case .live: source = .line
        case .dataset: source = .dataset(try reader.dataset())
        case .replay: source = .recording(try reader.recording())
        }
        poll = try reader.value(.poll, allowed: PollBlock.allowed) { PollSettings($0) } ?? poll
        try checkMode(mode, texts)
        try readListeners(reader)
        try readTimes(reader)
        retries = try reader.number(.retries, in: 0...10) ?? retries
        maxClients = try reader.number(.maxClients, in: 1...65535) ?? maxClients
        localEcho = try reader.truth(.localEcho) ?? localEcho
        allowBroadcast = try reader.truth(.allowBroadcast) ?? allowBroadcast
        faults = reader.text(.faults)
        capture = try reader.value(.capture, allowed: "the path of a file") { $0.isEmpty ? nil : $0 }
        let range = Duration.milliseconds(1)...Duration.seconds(30 * 24 * 3600)
        duration = try reader.duration(.duration, in: range, "1 ms to 720 h")
        log = try reader.value(.log, allowed: LogDestination.allowed) { LogDestination($0) } ?? log
        logMaxSize = try reader.value(.logMaxSize, allowed: ByteCount.allowed) { ByteCount($0)?.bytes } ?? logMaxSize
        try checkWhole()
    }

    /// A dongle at the inverter's own device is none, nor is an empty one: so the prototype had it.
    private mutating func readLines(_ reader: SettingReader) throws(SettingsError) {
        inverter = try reader.endpoint(.inverter, baud: .inverterBaud, format: .inverterBytes)
        shine = try reader.endpoint(.shine, baud: .shineBaud, format: .shineBytes)
        isShineAtInverter = shine != nil && shine?.path == inverter?.path
        if isShineAtInverter { shine = nil }
    }

    private mutating func readListeners(_ reader: SettingReader) throws(SettingsError) {
        pty = reader.texts[.pty] ?? []
        // Who names a pseudo-terminal need not have the default address taken as well.
        tcp = try reader.addresses(.tcp) ?? (pty.isEmpty ? tcp : [])
        tcpAlt = try reader.address(.tcpAlt) ?? tcpAlt
        sniff = try reader.address(.sniff) ?? sniff
    }

    private mutating func readTimes(_ reader: SettingReader) throws(SettingsError) {
        let hour = Duration.seconds(3600)
        minPeriod = try reader.duration(.minPeriod, in: .zero...hour, "0 to 1 h") ?? minPeriod
        if let text = reader.text(.silence) {
            silence =
                if text.lowercased() == "auto" {
                    .automatic
                } else {
                    try reader.duration(.silence, in: .zero...hour, "0 to 1 h", or: "auto, or ").map { .fixed($0) }
                        ?? silence
                }
        }
        let positive = Duration.milliseconds(1)...hour
        responseTimeout = try reader.duration(.responseTimeout, in: positive, "1 ms to 1 h") ?? responseTimeout
        shineTimeout = try reader.duration(.shineTimeout, in: positive, "1 ms to 1 h") ?? shineTimeout
        let beyondMargin = Self.answerMargin + .nanoseconds(1)...hour
        let words = "more than \(Self.answerMargin.secondsText) s (answers leave that much earlier) to 1 h"
        clientTimeout = try reader.duration(.clientTimeout, in: beyondMargin, words) ?? clientTimeout
    }

    /// What belongs to another mode is refused, not passed over.
    private func checkMode(_ mode: SourceMode, _ texts: [SettingKey: [String]]) throws(SettingsError) {
        let line: [SettingKey] = [
            .inverter, .inverterBaud, .inverterBytes, .minPeriod, .silence, .retries, .localEcho,
        ]
        let dataset: [SettingKey] = [
            .dataset, .profile, .mutate, .strict, .readLimit, .timeScale, .startTime, .seed, .replyTime,
        ]
        let recording: [SettingKey] = [.recording, .speed, .order, .unseen]
        let others =
            switch mode {
            case .live: dataset + recording + [.pty]
            case .dataset: line + recording
            case .replay: line + dataset
            }
        if mode == .live, poll == .dataset {
            throw .invalid(.poll, value: "dataset", allowed: "blocks of the inverter, such as input:0-124")
        }
        if let other = others.first(where: { !(texts[$0] ?? []).isEmpty }) { throw .otherMode(other, mode) }
    }

    private func checkWhole() throws(SettingsError) {
        guard inverter != nil || source != .line else { throw .inverterMissing }
        guard !tcp.isEmpty || tcpAlt != nil || shine != nil || !pty.isEmpty || poll != nil else {
            throw .noListener
        }
        var taken: [HostPort: SettingKey] = [:]
        var listeners = tcp.map { (key: SettingKey.tcp, address: $0) }
        if let tcpAlt { listeners.append((.tcpAlt, tcpAlt)) }
        if let sniff { listeners.append((.sniff, sniff)) }
        for (key, address) in listeners where address.port != 0 {
            if let other = taken.updateValue(key, forKey: address) { throw .sameAddress(key, other, address) }
        }
    }
}

extension SettingReader {
    /// Speed and format: from the URL, else from the line's own flags, else from `--baud` and `--bytes`.
    fileprivate func endpoint(
        _ key: SettingKey, baud: SettingKey, format: SettingKey
    ) throws(SettingsError) -> Endpoint? {
        // Read even where nothing is connected, so that a wrong value is never passed over.
        let commonBaud = try number(.baud, in: Endpoint.allowedBaud)
        let ownBaud = try number(baud, in: Endpoint.allowedBaud)
        let commonFormat = try self.format(.bytes)
        let ownFormat = try self.format(format)
        guard let text = text(key), !text.isEmpty else { return nil }
        let written = try EndpointText(text, of: key)
        return .serial(
            path: written.path,
            baud: written.baud ?? ownBaud ?? commonBaud ?? Endpoint.defaultBaud,
            format: written.format ?? ownFormat ?? commonFormat ?? Endpoint.defaultFormat,
            direction: written.direction)
    }
}
