internal import Broker
internal import Recording
internal import SerialLine
internal import Simulator
package import Settings

extension GatewayConfiguration {
    /// - Throws: `SerialLineError` for a baud rate or format that no port has; `GatewayError.noInverter` without a line;
    ///   `YAMLError` for faults that are none.
    package init(_ settings: GatewaySettings) throws {
        let line = settings.line
        switch line.source {
        case .dataset(let dataset): self.init(.dataset(dataset))
        case .recording(let recording): self.init(.recording(recording))
        case .line:
            guard let endpoint = line.port.endpoint else { throw GatewayError.noInverter }
            let port = try Port(endpoint, lowLatency: line.lowLatency)
            self.init(.line(port))
            bus.timing = port.timing(line.silence)
        }
        name = line.name
        clientNames = settings.clients.names
        logLevel = settings.log.level
        duration = settings.duration
        control = settings.control
        pty = settings.pty
        poll = line.poll
        faults = try line.faults.map { text in try FaultRules(text) }
        capture = settings.capture.map { .file(path: $0.file, maximumSize: $0.maxSize) }
        shine = try line.dongle?.port.endpoint.map { try Port($0, lowLatency: line.lowLatency) }
        tcp = settings.tcp
        sniff = settings.sniff
        bus.shapes = Self.shapes
        bus.guardTime = .microseconds(110)
        bus.minPeriod = line.minPeriod
        bus.responseTimeout = line.responseTimeout
        bus.retries = line.retries
        bus.localEcho = line.localEcho
        clients.shapes = Self.shapes
        clients.clientTimeout = settings.clients.timeout
        clients.serialTimeout = line.dongle?.timeout ?? clients.serialTimeout
        if let shine { clients.serialTiming = shine.timing(.automatic) }
        access.allowsBroadcast = settings.clients.allowBroadcast
        shineAccess.allowsBroadcast = true
        shineAccess.forbiddenWrites = line.dongle?.firmwareWrites.map { UInt16(clamping: $0) } ?? []
        maximumClients = settings.clients.limit
        log =
            switch settings.log.file {
            case .none: .none
            case .standardOutput: .standardOutput
            case .file(let path): .file(path: path, maximumSize: settings.log.maxSize)
            }
    }
}

extension GatewayConfiguration.Port {
    fileprivate init(_ endpoint: Endpoint, lowLatency: Bool) throws {
        let (path, baud, format, direction) =
            switch endpoint {
            case .serial(let path, let baud, let format, let direction): (path, baud, format, direction)
            case .rtuOverTCP, .modbusTCP:
                throw GatewayError.cannotConnect("\(endpoint)", reason: "a gateway's lines are serial in this version")
            }
        var settings = SerialPortSettings(
            baud: try BaudRate(baud), format: try CharacterFormat(format.description))
        settings.lowLatency = lowLatency
        settings.rs485 = direction.map { RS485Direction(rtsOnSend: $0 == .high) }
        self.init(path: path, settings: settings)
    }

    fileprivate func timing(_ silence: Silence) -> LineTiming {
        let duration: Duration? = if case .fixed(let duration) = silence { duration } else { nil }
        return LineTiming(
            baud: settings.baud.bitsPerSecond, bitsPerCharacter: settings.format.bitsPerCharacter, silence: duration)
    }
}
