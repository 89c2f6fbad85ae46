internal import Recording
internal import SerialLine
package import Settings
internal import Simulator
internal import Transport

extension GatewayConfiguration {
    /// Reads the files of TLS listeners, looks up the users of virtual ports, and looks whether log and capture hold something
    /// else. Touches nothing. Blocks.
    ///
    /// - Throws: `YAMLError`, which names each value that leads to something of no use: a file that is missing or malformed, or
    ///   stands in place of a device, a user who is none, a speed that no port has.
    package init(_ configuration: Configuration) throws(YAMLError) {
        var faults = ConfigurationFaults(in: configuration)
        self.init(configuration, &faults)
        try faults.check()
    }

    /// Tells what is wrong, with what simulated units are made of as well. Blocks.
    ///
    /// - Throws: `YAMLError`, with every fault.
    package static func check(_ configuration: Configuration) throws(YAMLError) {
        var faults = ConfigurationFaults(in: configuration)
        let made = GatewayConfiguration(configuration, &faults)
        for (index, line) in made.lines.enumerated() {
            _ = SourceContents(of: line.source, at: "lines.\(index)", &faults, report: { _ in })
        }
        try faults.check()
    }

    /// The same, with what is in the files of its simulated units. Blocks: not for the event loop.
    ///
    /// - Parameters:
    ///   - old: what runs; what it has already is not read again. nil: nothing runs.
    ///   - report: hears, on any thread, what is wrong with a recording further on.
    /// - Throws: `YAMLError`, which names each value that leads to a file of no use.
    func loaded(
        after old: GatewayConfiguration?, report: @escaping @Sendable (String) -> Void
    ) throws(YAMLError) -> GatewayConfiguration {
        guard let written else { return self }
        var loaded = self
        var faults = ConfigurationFaults(in: written)
        for (index, line) in lines.enumerated() {
            let running = old?.lines.first { $0.name == line.name }
            if let running, !line.needsOtherSource(than: running) { continue }
            loaded.lines[index].contents = SourceContents(
                of: line.source, at: "lines.\(index)", &faults, report: report)
        }
        try faults.check()
        return loaded
    }
}

extension ConfigurationFaults {
    /// Tells of files in place of the devices of a line and its dongle.
    mutating func refuseFiles(_ line: LineSettings, at path: String) {
        for (port, path) in [(line.port, path), (line.dongle?.port, "\(path).dongle")] {
            guard case .serial(let device, _, _, _) = port?.endpoint else { continue }
            _ = attempt("\(path).endpoint") { try SerialPort.refuseFile(at: device) }
        }
    }

    /// - Parameter path: of the line or the dongle.
    mutating func port(
        _ endpoint: Endpoint, lowLatency: Bool, at path: String
    ) -> GatewayConfiguration.Port? {
        attempt("\(path).endpoint", better: { ($0 as? SerialLineError)?.key.map { "\(path).\($0)" } }) {
            try GatewayConfiguration.Port(endpoint, lowLatency: lowLatency)
        }
    }

    mutating func identity(_ files: TLSSettings, at path: String) -> TLSIdentity? {
        attempt(path, better: { ($0 as? TLSError).map { "\(path).\($0.part.key)" } }) {
            try TLSIdentity(
                loading: TLSFiles(certificate: files.certificate, key: files.key, clientCA: files.clientCA))
        }
    }

    /// Names of users that are none change nothing where they are found here.
    mutating func checkAccess(_ node: NodeSettings, of terminal: String, at path: String) {
        _ = attempt(path, better: { ($0 as? SerialLineError)?.key.map { "\(path).\($0)" } }) {
            try PseudoTerminalAccess(node).resolved(for: terminal)
        }
    }
}

extension SerialLineError {
    /// That of the value which it is about, beside the endpoint or the listener.
    fileprivate var key: String? {
        switch self {
        case .invalidBaudRate: "baud"
        case .invalidFormat: "format"
        case .accessRefused(_, let setting, _, _): setting
        default: nil
        }
    }
}

extension TLSFiles.Part {
    fileprivate var key: String {
        switch self {
        case .certificate: "certificate"
        case .key: "key"
        case .clientCA: "client-ca"
        }
    }
}
