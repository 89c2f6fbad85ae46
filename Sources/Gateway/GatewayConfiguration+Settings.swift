internal import Broker
internal import Recording
internal import SerialLine
package import Settings

extension GatewayConfiguration {
    /// - Throws: `SerialLineError` for a baud rate or format that no port has; `GatewayError.noInverter` without a line.
    package init(_ settings: GatewaySettings) throws {
        guard let inverter = settings.inverter else { throw GatewayError.noInverter }
        let line = try Port(inverter, lowLatency: settings.lowLatency)
        self.init(inverter: line)
        shine = try settings.shine.map { try Port($0, lowLatency: settings.lowLatency) }
        tcp = (settings.tcp + [settings.tcpAlt].compactMap(\.self)).map { Address($0) }
        sniff = settings.sniff.map { Address($0) }
        bus.timing = line.timing(settings.silence)
        bus.shapes = Self.shapes
        bus.guardTime = .microseconds(50)
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
        let (path, baud, format) =
            switch endpoint {
            case .serial(let path, let baud, let format): (path, baud, format)
            }
        var settings = SerialPortSettings(
            baud: try BaudRate(baud), format: try CharacterFormat(format.description))
        settings.lowLatency = lowLatency
        self.init(path: path, settings: settings)
    }

    fileprivate func timing(_ silence: Silence) -> LineTiming {
        let duration: Duration? = if case .fixed(let duration) = silence { duration } else { nil }
        return LineTiming(
            baud: settings.baud.bitsPerSecond, bitsPerCharacter: settings.format.bitsPerCharacter, silence: duration)
    }
}
