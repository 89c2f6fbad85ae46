internal import Endpoints

extension GatewaySettings {
    /// Where something listens, and what says so.
    private struct Place {
        let address: HostPort
        let reader: YAMLReader
    }

    /// - Throws: ``YAMLError``.
    func checkListeners(_ reader: YAMLReader) throws(YAMLError) {
        var faults = YAMLFaults()
        faults.attempt { () throws(YAMLError) in try checkThatSomebodyAsks(reader) }
        if listeners.count(where: { $0.kind.word == "sniff" }) > 1 {
            faults.note(reader.at(["listeners"]).error("more than one sniff feed; expected one"))
        }
        for index in listeners.indices {
            faults.attempt { () throws(YAMLError) in try checkLine(reader, index) }
            faults.attempt { () throws(YAMLError) in try checkTerminal(reader, index) }
        }
        checkAddresses(reader, &faults)
        checkDevices(reader, &faults)
        try faults.check()
    }

    private func checkThatSomebodyAsks(_ reader: YAMLReader) throws(YAMLError) {
        let asks = lines.contains { $0.dongle != nil || $0.poll != nil }
        guard !asks, !listeners.contains(where: \.kind.takesRequests) else { return }
        let list = reader.at(["listeners"])
        let reason = "leaves nobody who could ask; expected at least one of them"
        if list.node.origin == nil, list.node.isSequence {
            throw list.error("none at which clients come in, without a dongle or a poll of a line, \(reason)")
        }
        throw YAMLError(
            file: "--tcp none", place: nil, reason: "without another listener, --shine or --pty it \(reason)")
    }

    private func checkLine(_ reader: YAMLReader, _ index: Int) throws(YAMLError) {
        let names = lines.map(\.name)
        guard let line = listeners[index].line, !names.contains(line) else { return }
        throw reader.at(["listeners", "\(index)", "line"]).refusal(
            "the name of a line (\(names.joined(separator: ", ")))", meant: SpellingGuess.of(line, among: names))
    }

    private func checkTerminal(_ reader: YAMLReader, _ index: Int) throws(YAMLError) {
        let path = ["listeners", "\(index)"]
        guard let name = listeners[index].kind.path else { return }
        if pty.firstIndex(of: name) != pty.lastIndex(of: name) {
            throw reader.at(path + ["pty"]).error("\(name.debugDescription) is there twice")
        }
        guard isOfSimulatedUnits(listeners[index]) else { return }
        let options = ["read-only", "reads", "owner", "group", "mode"]
        let listener = listeners[index]
        if listener.isReadOnly || listener.reads != nil || listener.node != NodeSettings(),
            let option = options.first(where: { reader.node[path + [$0]] != nil })
        {
            throw reader.at(path + [option]).error(
                "has no meaning with simulated units, whose own line the pseudo-terminal is")
        }
    }

    private func isOfSimulatedUnits(_ listener: ListenerSettings) -> Bool {
        let only = lines.count == 1 ? lines.first : lines.first { $0.name == listener.line }
        return only.map { $0.source != .line } ?? false
    }

    /// Each port serves one listener, one line that dials in, or the serial server of one dongle.
    private func checkAddresses(_ reader: YAMLReader, _ faults: inout YAMLFaults) {
        var connections: [Place] = []
        var datagrams: [Place] = []
        func take(_ address: HostPort, _ path: [String], _ taken: inout [Place]) {
            let here = reader.at(path)
            guard let other = taken.first(where: { $0.address.excludes(address) }) else {
                return taken.append(Place(address: address, reader: here))
            }
            let whole = other.address == address ? "" : "\"\(other.address)\" of "
            faults.note(
                here.error(
                    """
                    "\(address)" is taken already by \(whole)\(other.reader.whereabouts); expected a different address for \
                    each listener
                    """))
        }
        for (index, listener) in listeners.enumerated() {
            guard let address = listener.kind.address else { continue }
            let path = ["listeners", "\(index)", listener.kind.word]
            if listener.kind.isOfDatagrams {
                take(address, path, &datagrams)
            } else {
                take(address, path, &connections)
            }
        }
        for (index, line) in lines.enumerated() {
            for (port, path) in [(line.port, ["endpoint"]), (line.dongle?.port, ["dongle", "endpoint"])] {
                guard let address = port?.endpoint?.listeningAddress else { continue }
                take(address, ["lines", "\(index)"] + path, &connections)
            }
        }
        checkServers(reader, connections: connections, datagrams: datagrams, &faults)
    }

    /// A line at a listener of ours would go round in circles.
    private func checkServers(
        _ reader: YAMLReader, connections: [Place], datagrams: [Place], _ faults: inout YAMLFaults
    ) {
        for (index, line) in lines.enumerated() {
            for (port, path) in [(line.port, ["endpoint"]), (line.dongle?.port, ["dongle", "endpoint"])] {
                guard let server = port?.endpoint?.server else { continue }
                let places = server.isOfDatagrams ? datagrams : connections
                guard let place = places.first(where: { server.address.leads(to: $0.address) }) else { continue }
                faults.note(
                    reader.at(["lines", "\(index)"] + path).error(
                        "\"\(server.address)\" is a listener of this broker (\(place.reader.whereabouts)), which would ask "
                            + "itself; expected another server"))
            }
        }
    }

    /// So would a line at a virtual port of ours.
    private func checkDevices(_ reader: YAMLReader, _ faults: inout YAMLFaults) {
        for (index, line) in lines.enumerated() {
            for (port, path) in [(line.port, ["endpoint"]), (line.dongle?.port, ["dongle", "endpoint"])] {
                guard case .serial(let device, _, _, _) = port?.endpoint else { continue }
                let taken = listeners.firstIndex {
                    $0.kind.path?.plainPath == device.plainPath && !isOfSimulatedUnits($0)
                }
                guard let taken, let name = listeners[taken].kind.path else { continue }
                let listener = reader.at(["listeners", "\(taken)", "pty"])
                faults.note(
                    reader.at(["lines", "\(index)"] + path).error(
                        "\(device.debugDescription) is a virtual port of this broker "
                            + "(\(name.debugDescription), \(listener.whereabouts)), which would ask itself; "
                            + "expected another device"))
            }
        }
    }
}

extension Endpoint {
    /// What is connected to on the network; nil: nothing.
    fileprivate var server: (address: HostPort, isOfDatagrams: Bool)? {
        switch self {
        case .modbusTCP(let address), .rtuOverTCP(let address): (address, false)
        case .modbusUDP(let address), .rtuOverUDP(let address): (address, true)
        case .serial, .listeningRTUOverTCP, .listeningTCP: nil
        }
    }
}

extension String {
    /// The same for the ways to write a path that lead to the same file whatever the directories are.
    fileprivate var plainPath: [Substring] {
        (hasPrefix("/") ? ["/"] : []) + split(separator: "/").filter { $0 != "." }
    }
}

extension YAMLReader {
    /// What gave the value.
    fileprivate var whereabouts: String { node.origin ?? "line \(node.place.line)" }
}
