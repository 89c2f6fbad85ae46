internal import Broker
internal import Modbus
package import Recording
internal import SerialLine
package import Settings
internal import Simulator
internal import Transport

extension GatewayConfiguration {
    /// Reads the files of TLS listeners, and looks up the users of virtual ports.
    ///
    /// - Throws: `SerialLineError` for a baud rate or format that no port has, and for a file in place of a device; `GatewayError.noInverter` without a line;
    ///   `YAMLError` for faults that are none; `TLSError` for files that cannot be used.
    package init(_ settings: GatewaySettings) throws {
        for port in settings.lines.flatMap({ [$0.port, $0.dongle?.port] }) {
            if case .serial(let path, _, _, _) = port?.endpoint { try SerialPort.refuseFile(at: path) }
        }
        self.init(try settings.lines.map { try Line($0) })
        for listener in settings.listeners { try add(listener, settings) }
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
        capture = settings.capture.map { .file(path: $0.file, maximumSize: $0.maxSize) }
        log = WireLogDestination(settings.log)
    }

    /// A pseudo-terminal of simulated units is their line; of any other it is a client's way in.
    private mutating func add(_ settings: ListenerSettings, _ all: GatewaySettings) throws {
        if case .pty(let path) = settings.kind, let index = simulatedLine(of: settings) {
            lines[index].pty.append(path)
            return
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
        switch settings.kind {
        case .pty(let path):
            // Found here, names of users that are none change nothing.
            _ = try PseudoTerminalAccess(settings.node).resolved(for: path)
            listener.access.allowsBroadcast = true
            listener.access.forbiddenWrites = firmwareWrites
        case .rtuTCP, .rtuUDP: listener.access.forbiddenWrites = firmwareWrites
        case .tls:
            listener.identity = try TLSIdentity(
                loading: TLSFiles(
                    certificate: settings.tls.certificate, key: settings.tls.key, clientCA: settings.tls.clientCA))
        case .tcp, .udp, .sniff, .none: break
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
    fileprivate init(_ settings: LineSettings) throws {
        switch settings.source {
        case .dataset(let dataset): self.init(.dataset(dataset))
        case .recording(let recording): self.init(.recording(recording))
        case .line:
            guard let endpoint = settings.port.endpoint else { throw GatewayError.noInverter }
            let port = try GatewayConfiguration.Port(endpoint, lowLatency: settings.lowLatency)
            self.init(.line(port))
            bus.timing = port.timing(settings.silence)
            bus.hasTransactions = port.hasTransactions
            bus.ignoresTransactions = port.hasTransactions && settings.ignoresTransactionIDs
            if case .server = port { bus.isBehindServer = true }
        }
        name = settings.name
        poll = settings.poll
        faults = try settings.faults.map { text in try FaultRules(text) }
        dongle = try settings.dongle.flatMap {
            try GatewayConfiguration.Dongle($0, lowLatency: settings.lowLatency)
        }
        bus.guardTime = .microseconds(110)
        bus.minPeriod = settings.minPeriod
        bus.responseTimeout = settings.responseTimeout
        bus.retries = settings.retries
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
    fileprivate init?(_ settings: DongleSettings, lowLatency: Bool) throws {
        guard let endpoint = settings.port.endpoint else { return nil }
        self.init(try GatewayConfiguration.Port(endpoint, lowLatency: lowLatency))
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

extension GatewayConfiguration {
    /// Checks that log and capture name no file of another kind. Only reads.
    ///
    /// - Throws: `FileError`.
    package func checkOutputs() throws(FileError) {
        try log.checkContents(for: .wireLog)
        try capture?.checkContents(for: .capture)
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
