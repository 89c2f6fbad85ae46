internal import Text

extension GatewaySettings {
    /// The longest block of a line by a silent unit, in timeouts of its clients.
    private static let mostTimeouts = 10

    /// A pause as long as a client waits leaves no time for a second request, and a line that waits for minutes for one
    /// silent unit serves nobody.
    ///
    /// - Throws: ``YAMLError`` for periods of a line that cannot fit into the timeout of the clients that reach it.
    func checkPeriods(_ reader: YAMLReader) throws(YAMLError) {
        var faults = YAMLFaults()
        for (index, line) in lines.enumerated() where line.source == .line {
            // The defaults stay allowed: the effective configuration has to be one that can be read again.
            let least = LineSettings()
            let (timeout, name) = shortestTimeout(at: line)
            let limits = [
                ("min-period", line.minPeriod, timeout, least.minPeriod),
                ("rtimeout", line.responseTimeout, timeout * Self.mostTimeouts, least.responseTimeout),
            ]
            for (key, period, limit, least) in limits where period >= limit && period > least {
                let path = ["lines", "\(index)", key]
                guard let node = reader.node[path] else { continue }
                let meant = node.inMilliseconds(below: limit)
                let unit = meant == nil ? "" : ", and a number alone is seconds"
                let times = key == "rtimeout" ? "\(Self.mostTimeouts) times " : ""
                faults.note(
                    reader.at(path).refusal(
                        "less than \(times)\(name) (\(limit.secondsText) s)\(unit)", meant: meant))
            }
        }
        try faults.check()
    }

    /// The shortest timeout of the clients of a line, and its key.
    private func shortestTimeout(at line: LineSettings) -> (Duration, String) {
        let own = listeners.indices.filter { index in
            let listener = listeners[index]
            return listener.kind.takesRequests && (listener.line ?? line.name) == line.name
        }
        let named = own.compactMap { index in
            listeners[index].timeout.map { ($0, "listeners[\(index)].timeout") }
        }
        let isGeneral = own.isEmpty || named.count < own.count
        return (named + (isGeneral ? [(clients.timeout, "clients.timeout")] : []))
            .min { $0.0 < $1.0 } ?? (clients.timeout, "clients.timeout")
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
