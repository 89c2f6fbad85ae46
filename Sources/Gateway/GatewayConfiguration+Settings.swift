internal import Broker
internal import Endpoints
internal import Modbus
internal import SerialLine
internal import Settings
internal import Simulator
internal import Transport
internal import TransportTLS
internal import WireLog

extension GatewayConfiguration {
    /// Leaves the contents of simulated units out.
    ///
    /// - Parameters:
    ///   - faults: takes what is wrong; what is made is of no use then.
    ///   - paths: takes where each line is written.
    init(_ settings: GatewaySettings, _ faults: inout ConfigurationFaults, paths: inout [String]) {
        self.init([])
        for (index, line) in settings.lines.enumerated() {
            let path = "lines.\(index)"
            faults.refuseFiles(line, at: path)
            guard let line = Line(line, at: path, &faults) else { continue }
            lines.append(line)
            paths.append(path)
        }
        for (index, listener) in settings.listeners.enumerated() {
            add(listener, settings, at: "listeners.\(index)", &faults)
        }
        allowsBroadcast = settings.clients.allowBroadcast
        clients.clientTimeout = settings.clients.timeout
        limits.clients = settings.clients.limit
        limits.perAddress = settings.clients.limitPerAddress
        limits.rules = AddressRules(allow: settings.clients.allow, deny: settings.clients.deny)
        rate = settings.clients.rate
        clientNames = settings.clients.names
        logLevel = settings.log.level
        logFormat = settings.log.format
        duration = settings.duration
        control = settings.control
        if case .path(let path) = control {
            _ = faults.attempt("control") { try ControlSocket.refuseFile(at: path) }
        }
        capture = settings.capture.map { .file(path: $0.file, maximumSize: $0.maxSize) }
        log = WireLogDestination(settings.log)
        checkOutputs(&faults)
    }

    /// A pseudo-terminal of simulated units is their line; of any other it is a client's way in.
    private mutating func add(
        _ settings: ListenerSettings, _ all: GatewaySettings, at path: String, _ faults: inout ConfigurationFaults
    ) {
        if case .pty(let terminal) = settings.kind {
            _ = faults.attempt("\(path).pty") { try VirtualPort.refuseFile(at: terminal) }
            if let index = simulatedLine(of: settings) {
                lines[index].pty.append(terminal)
                return
            }
        }
        var listener = Listener(settings.kind)
        listener.line = settings.line
        listener.access.isReadOnly = settings.isReadOnly || all.clients.isReadOnly
        listener.access.allowsBroadcast = all.clients.allowBroadcast
        listener.access.reads = ReadRules(settings.reads)
        listener.rules = AddressRules(allow: settings.allow, deny: settings.deny)
        let writers = settings.writers.isEmpty ? all.clients.writers : settings.writers
        if settings.kind.takesWriters, writers != [.word(.any)] {
            listener.writers = writers.flatMap(\.blocks).map { AddressBlock($0) }
        }
        listener.manners.timeout = settings.timeout
        listener.manners.answersNewestOnly = settings.isNewestOnly
        listener.manners.answersSilence = settings.noAnswer == .exception
        listener.node = settings.node
        if settings.kind.isOfRTU { listener.access.forbiddenWrites = firmwareWrites }
        switch settings.kind {
        case .pty(let terminal):
            faults.checkAccess(settings.node, of: terminal, at: path)
            listener.access.allowsBroadcast = true
        case .tls: listener.identity = faults.identity(settings.tls, at: path)
        default: break
        }
        listeners.append(listener)
    }

    private func simulatedLine(of listener: ListenerSettings) -> Int? {
        let index = lines.count == 1 ? 0 : lines.firstIndex { $0.name == listener.line }
        return index.flatMap { if case .line = lines[$0].source { nil } else { $0 } }
    }

    /// Programs that speak RTU are refused them as well: what they would send next, without waiting, would be lost.
    private var firmwareWrites: [UInt16] {
        let dongles = lines.compactMap(\.dongle)
        return dongles.isEmpty
            ? DongleSettings().firmwareWrites.map { UInt16(clamping: $0) } : dongles.flatMap(\.access.forbiddenWrites)
    }
}

extension GatewayConfiguration {
    /// What the operator may not have meant, a line each.
    var warnings: [String] {
        listeners.filter(\.isOpenToWrites).map {
            "\($0.kind.text): everybody who reaches it may write, unless `writers` says who may"
        }
    }
}

extension GatewayConfiguration.Listener {
    /// Whether others than this machine come in here, and all of them may write.
    fileprivate var isOpenToWrites: Bool {
        guard kind.takesWriters, writers == nil, !access.isReadOnly, let host = kind.address?.host else { return false }
        return host != "localhost" && !Writer.word(.loopback).blocks.contains { AddressBlock($0).contains(host: host) }
    }

    /// By the address of a client.
    var mayWrite: (Client) -> Bool {
        guard let writers else { return { _ in true } }
        return { client in writers.contains { $0.contains(host: client.address) } }
    }
}

extension GatewayConfiguration.Line {
    fileprivate init?(_ settings: LineSettings, at path: String, _ faults: inout ConfigurationFaults) {
        switch settings.source {
        case .dataset(let dataset): self.init(.dataset(dataset), settings)
        case .recording(let recording): self.init(.recording(recording), settings)
        case .line:
            // That it is missing is told already.
            if settings.port.endpoint == nil, faults.hasConflicts { return nil }
            let endpoint = faults.attempt("\(path).endpoint") { try settings.port.named }
            guard let endpoint, let port = faults.port(endpoint, lowLatency: settings.lowLatency, at: path) else {
                return nil
            }
            self.init(.line(port), settings)
            bus.timing = port.timing(settings.silence)
            bus.hasTransactions = port.hasTransactions
            bus.ignoresTransactions = port.hasTransactions && settings.ignoresTransactionIDs
            if case .server = port { bus.isBehindServer = true }
        }
        name = settings.name
        rules = AddressRules(allow: settings.allow, deny: settings.deny)
        poll = settings.poll
        let rules = faults.name(of: "\(path).faults")
        self.faults = settings.faults.flatMap { text in
            faults.attempt("\(path).faults") { try FaultRules(text, name: rules) }
        }
        dongle = settings.dongle.flatMap {
            GatewayConfiguration.Dongle($0, lowLatency: settings.lowLatency, at: "\(path).dongle", &faults)
        }
        bus.guardTime = .microseconds(110)
        bus.localEcho = settings.localEcho
        bus.silenceCodes = settings.silenceCodes.map { ExceptionCode(rawValue: UInt8(clamping: $0)) }
        reads = ReadRules(settings.reads)
        readLimit = settings.readLimit.map { UInt16(clamping: $0) }
        readLimits = Dictionary(
            uniqueKeysWithValues: settings.readLimits.map {
                (UnitIdentifier(rawValue: $0.key), UInt16(clamping: $0.value))
            })
        units = settings.units.map { units in
            Dictionary(
                units.map { (UnitIdentifier(rawValue: $0.asked), UnitIdentifier(rawValue: $0.own)) },
                uniquingKeysWith: { first, _ in first })
        }
    }
}

extension GatewayConfiguration.Dongle {
    fileprivate init?(
        _ settings: DongleSettings, lowLatency: Bool, at path: String, _ faults: inout ConfigurationFaults
    ) {
        guard let endpoint = settings.port.endpoint,
            let port = faults.port(endpoint, lowLatency: lowLatency, at: path)
        else { return nil }
        self.init(port)
        client.serialTimeout = settings.timeout
        client.serialTiming = port.timing(.automatic)
        access.forbiddenWrites = settings.firmwareWrites.map { UInt16(clamping: $0) }
        access.reads = ReadRules(settings.reads)
    }
}

extension AddressRules {
    fileprivate init(allow: [NetworkBlock], deny: [NetworkBlock]) {
        self.init(allow: allow.map { AddressBlock($0) }, deny: deny.map { AddressBlock($0) })
    }
}

extension AddressBlock {
    fileprivate init(_ block: NetworkBlock) { self.init(bytes: block.bytes, length: block.length) }
}

extension PortSettings {
    /// - Throws: ``GatewayError/noInverter`` if there is none.
    fileprivate var named: Endpoint {
        get throws(GatewayError) {
            guard let endpoint else { throw .noInverter }
            return endpoint
        }
    }
}

extension WireLogDestination {
    init(_ settings: LogSettings) {
        self =
            switch settings.file {
            case .none: .none
            case .standardOutput: .standardOutput
            case .file(let path): .file(path: path, maximumSize: settings.maxSize)
            }
    }
}

extension LineTiming {
    /// Of units that have no line: serial ports start with 9600 8N1.
    fileprivate static let usual = LineTiming(baud: 9600, bitsPerCharacter: 10)
}

extension BusSettings {
    init(_ settings: LineSettings) {
        self.init(
            timing: .usual, minPeriod: settings.minPeriod, responseTimeout: settings.responseTimeout,
            retries: settings.retries)
    }
}

extension ClientSettings {
    /// What holds where the configuration says nothing.
    static var usual: ClientSettings {
        ClientSettings(
            clientTimeout: ClientsSettings().timeout, serialTimeout: DongleSettings().timeout, serialTiming: .usual)
    }
}
