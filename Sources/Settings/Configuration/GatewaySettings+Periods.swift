extension GatewaySettings {
    /// How many times `clients.timeout` a silent unit may block its line.
    private static let mostTimeouts = 10

    /// A pause as long as a client waits leaves no time for a second request, and a line that waits for minutes for one
    /// silent unit serves nobody.
    ///
    /// - Throws: ``YAMLError`` for periods of a line that cannot fit into `clients.timeout`.
    func checkPeriods(_ reader: YAMLReader) throws(YAMLError) {
        var faults = YAMLFaults()
        for (index, line) in lines.enumerated() where line.source == .line {
            let limits = [
                ("min-period", line.minPeriod, clients.timeout),
                ("rtimeout", line.responseTimeout, clients.timeout * Self.mostTimeouts),
            ]
            for (key, period, limit) in limits where period >= limit {
                let path = ["lines", "\(index)", key]
                // What nobody wrote is no mistake of the operator.
                guard let node = reader.node[path], !node.isDefault, !node.isEmpty else { continue }
                let times = key == "rtimeout" ? "\(Self.mostTimeouts) times " : ""
                faults.note(
                    reader.at(path).refusal(
                        "less than \(times)clients.timeout (\(limit.secondsText) s)",
                        meant: node.inMilliseconds(below: limit)))
            }
        }
        try faults.check()
    }
}

extension YAMLNode {
    /// A number without a unit, which is seconds, as milliseconds; nil: it has a unit, or would be too long so, too.
    fileprivate func inMilliseconds(below limit: Duration) -> String? {
        guard case .scalar(let text, _) = content, Int(digits: text[...]) != nil,
            let meant = Duration(text: text + "ms"),
            meant < limit
        else { return nil }
        return "\(text)ms"
    }
}
