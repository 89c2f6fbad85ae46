internal import Endpoints

extension GatewaySettings {
    /// The most lines of one process.
    private static let mostLines = 16

    /// - Throws: ``YAMLError``.
    func checkLines(_ reader: YAMLReader) throws(YAMLError) {
        guard lines.count <= Self.mostLines else {
            throw reader.at(["lines", "\(Self.mostLines)"]).error("more than \(Self.mostLines) lines; expected 1 to 16")
        }
        var faults = YAMLFaults()
        for (index, line) in lines.enumerated() {
            faults.attempt { () throws(YAMLError) in try line.check(reader, index) }
            faults.attempt { () throws(YAMLError) in try checkName(reader, index) }
        }
        checkPlaces(reader, &faults)
        try faults.check()
    }

    private func checkName(_ reader: YAMLReader, _ index: Int) throws(YAMLError) {
        let path = ["lines", "\(index)"]
        let name = reader.node[path + ["name"]]
        if index > 0, name.map(\.isEmpty) ?? true {
            throw reader.at(path).error("name is missing; expected one that tells it from the other lines")
        }
        guard let first = lines[..<index].firstIndex(where: { $0.name == lines[index].name }) else { return }
        throw reader.at(path + ["name"]).error(
            "\(lines[index].name.debugDescription) is the name of lines[\(first)]; expected a different name for each line"
        )
    }

    /// No two lines and dongles can have the same device, nor the same serial server.
    private func checkPlaces(_ reader: YAMLReader, _ faults: inout YAMLFaults) {
        var taken: [String: String] = [:]
        for (index, line) in lines.enumerated() {
            for (port, path) in [(line.port, []), (line.dongle?.port, ["dongle"])] {
                guard let port, let place = port.endpoint?.place else { continue }
                let here = reader.at(["lines", "\(index)"] + path + ["endpoint"])
                guard let other = taken.updateValue(here.path, forKey: place) else { continue }
                faults.note(
                    here.error(
                        "\(port.path.debugDescription) is taken already by \(other); expected a device or an address of its "
                            + "own for each line and each dongle"))
            }
        }
    }

    /// Who asks for a unit at a listener of all lines must come to one.
    ///
    /// - Throws: ``YAMLError``.
    func checkUnits(_ reader: YAMLReader) throws(YAMLError) {
        var taken: [UInt8: Int] = [:]
        var faults = YAMLFaults()
        for (index, line) in lines.enumerated() {
            for (position, unit) in (line.units ?? []).enumerated() {
                guard let other = taken.updateValue(index, forKey: unit.asked) else { continue }
                let units = reader.at(["lines", "\(index)", "units"])
                let place = units.node.isSequence ? "\(position)" : "\(unit.asked)"
                faults.note(
                    units.at([place]).error(
                        "unit \(unit.asked) is on lines[\(other)] already; expected each number on one line, as in "
                            + "`units: {11: \(unit.own)}`"))
            }
        }
        try faults.check()
        let open = lines.indices.filter { lines[$0].units == nil }
        guard open.count > 1,
            let shared = listeners.firstIndex(where: { $0.kind.takesRequests && $0.line == nil })
        else { return }
        throw reader.at(["lines", "\(open[1])"]).error(
            "units is missing, as it is in lines[\(open[0])], and listeners[\(shared)] (\(listeners[shared].kind.word)) "
                + "reaches both; expected units of one of them, or line: NAME of each listener")
    }
}

extension LineSettings {
    fileprivate func check(_ reader: YAMLReader, _ index: Int) throws(YAMLError) {
        let path = ["lines", "\(index)"]
        try check(port, reader, path)
        if let dongle { try check(dongle.port, reader, path + ["dongle"]) }
        if source == .line, poll == .dataset {
            throw reader.at(path + ["poll"]).refusal("blocks of the inverter, such as input:0-124")
        }
        try checkPoll(reader, path)
        guard port.endpoint == nil, source == .line else { return }
        let isOfFile = reader.node[path].map { !$0.isDefault } ?? false
        if isOfFile { throw reader.at(path).error("one of endpoint, dataset and recording is missing") }
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

    /// - Throws: ``YAMLError`` if `poll` reads registers that `reads` refuses.
    private func checkPoll(_ reader: YAMLReader, _ path: [String]) throws(YAMLError) {
        guard case .blocks(let blocks) = poll, let reads else { return }
        for block in blocks {
            guard let rule = reads.refuse.first(where: { $0.overlaps(block) }) else { continue }
            throw reader.at(path + ["poll"]).error("\(block) is what reads refuses (\(rule)); expected other blocks")
        }
    }

    /// - Throws: ``YAMLError`` for what is about serial devices at a port that is none.
    private func check(_ port: PortSettings, _ reader: YAMLReader, _ path: [String]) throws(YAMLError) {
        guard let entry = reader.node[path]?.entries.first(where: { !$0.value.isEmpty && port.hasNoMeaning($0.key) })
        else { return }
        throw reader.at(path + [entry.key]).error("has no meaning with \(port.path)")
    }
}
