internal import Broker
internal import Recording
internal import SerialLine
internal import Simulator
package import Settings

extension GatewayConfiguration {
    /// - Throws: `SerialLineError` for a baud rate or format that no port has; `GatewayError.noInverter` without a line;
    ///   `YAMLError` for faults that are none.
    package init(_ settings: GatewaySettings) throws {
        switch settings.source {
        case .dataset(let dataset): self.init(.dataset(dataset))
        case .recording(let recording): self.init(.recording(recording))
        case .line:
            guard let inverter = settings.inverter else { throw GatewayError.noInverter }
            let line = try Port(inverter, lowLatency: settings.lowLatency)
            self.init(.line(line))
            bus.timing = line.timing(settings.silence)
        }
        pty = settings.pty
        poll = settings.poll
        faults = try settings.faults.map { text in try FaultRules(text) }
        capture = settings.capture.map { .file(path: $0, maximumSize: settings.logMaxSize) }
        shine = try settings.shine.map { try Port($0, lowLatency: settings.lowLatency) }
        tcp = (settings.tcp + [settings.tcpAlt].compactMap(\.self)).map { Address($0) }
        sniff = settings.sniff.map { Address($0) }
        bus.shapes = Self.shapes
        bus.guardTime = .microseconds(110)
        bus.minPeriod = settings.minPeriod
        bus.responseTimeout = settings.responseTimeout
        bus.retries = settings.retries
        bus.localEcho = settings.localEcho
        clients.shapes = Self.shapes
        clients.clientTimeout = settings.clientTimeout
        clients.serialTimeout = settings.shineTimeout
        if let shine { clients.serialTiming = shine.timing(.automatic) }
        access.allowsBroadcast = settings.allowBroadcast
        maximumClients = settings.maxClients
        log =
            switch settings.log {
            case .none: .none
            case .standardOutput: .standardOutput
            case .file(let path): .file(path: path, maximumSize: settings.logMaxSize)
            }
    }
}

extension GatewayConfiguration.Address {
    fileprivate init(_ address: HostPort) {
        self.init(host: address.host, port: address.port)
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
