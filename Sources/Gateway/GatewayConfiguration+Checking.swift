internal import Endpoints
internal import SerialLine
package import Settings
internal import Simulator
internal import Transport
internal import TransportTLS

extension GatewayConfiguration {
    /// Reads the files of simulated units and TLS listeners, looks up the users of virtual ports, and looks whether something
    /// else is at the paths of log, capture, control socket and virtual ports. Touches nothing. Blocks: not for the event loop.
    ///
    /// - Parameters:
    ///   - running: what runs; what it has already is not read again. nil: nothing runs.
    ///   - report: hears, on any thread, what is wrong with a recording further on.
    /// - Throws: `YAMLError`, with what does not fit together, and each value that leads to something of no use: a file that
    ///   is missing or malformed, or stands in place of a device, a user who is none, a speed that no port has.
    package init(
        _ configuration: Configuration, after running: GatewayConfiguration? = nil,
        report: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(YAMLError) {
        var faults = ConfigurationFaults(in: configuration)
        var paths: [String] = []
        self.init(configuration.settings, &faults, paths: &paths)
        for (index, path) in paths.enumerated() {
            let line = lines[index]
            let old = running?.lines.first { $0.name == line.name }
            if let old, !line.needsOtherSource(than: old) { continue }
            lines[index].contents = SourceContents(of: line.source, at: path, &faults, report: report)
        }
        try faults.check()
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
    ) -> Port? {
        attempt("\(path).endpoint", better: { ($0 as? SerialLineError)?.key.map { "\(path).\($0)" } }) {
            try Port(endpoint, lowLatency: lowLatency)
        }
    }

    mutating func identity(_ files: TLSSettings, at path: String) -> TLSIdentity? {
        let files = TLSFiles(certificate: files.certificate, key: files.key, clientCA: files.clientCA)
        // What is wrong with a file by itself; only then how they fit together.
        let alone = TLSFiles.Part.allCases.map { part in
            attempt("\(path).\(part.key)") { try TLSIdentity.check(part, of: files) }
        }
        guard !alone.contains(where: { $0 == nil }) else { return nil }
        return attempt(path, better: { ($0 as? TLSError).map { "\(path).\($0.part.key)" } }) {
            try TLSIdentity(loading: files)
        }
    }

    /// Names of users that are none change nothing where they are found here.
    mutating func checkAccess(_ node: NodeSettings, of terminal: String, at path: String) {
        let access = PseudoTerminalAccess(node)
        for part in [PseudoTerminalAccess(owner: access.owner, mode: access.mode), .init(group: access.group)] {
            _ = attempt(path, better: { ($0 as? SerialLineError)?.key.map { "\(path).\($0)" } }) {
                try part.resolved(for: terminal)
            }
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
