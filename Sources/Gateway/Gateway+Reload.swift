internal import Broker
internal import Endpoints
package import NIOCore
internal import Transport

extension Gateway {
    /// A line of the new configuration: one that is there, with what has to be made anew, or a new one.
    private typealias PreparedLine = (line: GatewayLine, parts: LineParts?, isNew: Bool)

    /// Goes on by another configuration. Only what differs is touched: listeners, ports and connections that stay the same
    /// lose no exchange.
    ///
    /// - Returns: what changed, in words; fails if something cannot be had, and then nothing is different.
    package func apply(_ new: GatewayConfiguration) -> EventLoopFuture<[String]> {
        let gateway = NIOLoopBound(self, eventLoop: loop)
        do {
            try refuseDuringPassthrough(new)
        } catch {
            return loop.makeFailedFuture(error)
        }
        let inTheWay = NIOLoopBound(inTheWay(of: new), eventLoop: loop)
        let made = NIOLoopBoundBox([PreparedLine](), eventLoop: loop)
        reloads += 1
        // What can fail comes before anything is different.
        return EventLoopFuture.andAllComplete(inTheWay.value.map { $0.stopListening() }, on: loop)
            .flatMap { gateway.value.listeners.apply(new.listeners) { made.value = try gateway.value.prepare(new) } }
            .always { result in
                gateway.value.reloads -= 1
                guard case .failure = result else { return }
                for port in inTheWay.value { port.listenAgain() }
                for line in gateway.value.lines { line.renewNames() }
                gateway.value.listeners.renewNames()
            }
            .map { changes in
                gateway.value.replace(by: new, made.value) + changes.map { "listener \($0)" }
            }
    }

    /// What waits for a line or a dongle at the address of a new listener, which has to be free before anything changes.
    private func inTheWay(of new: GatewayConfiguration) -> [any DialledPort] {
        let known = configuration.listeners.map(\.kind)
        let wanted = new.listeners.map(\.kind).filter { !known.contains($0) }.compactMap(\.streamAddress?.port)
        let leaving = lines.flatMap { line in
            let place = new.lines.firstIndex { $0.name == line.line.name }
            return line.leaving(for: place.map { new.lines[$0] }, isFirst: place == 0)
        }
        return leaving.filter { $0.address.port > 0 && wanted.contains($0.address.port) }.map(\.port)
    }

    /// Both ports belong to a firmware update.
    private func refuseDuringPassthrough(_ new: GatewayConfiguration) throws(GatewayError) {
        for line in lines where line.passthrough != nil {
            let place = new.lines.firstIndex { $0.name == line.line.name }
            let change: String? =
                if let place, !line.needsParts(for: new.lines[place]) {
                    line.dongle.needsOtherPort(for: new.lines[place].dongle, isFirst: place == 0)
                        ? "the dongle's port" : nil
                } else {
                    "the line"
                }
            guard let change else { continue }
            throw .refused(
                "\(change) would change while passthrough is on; `growatt-broker passthrough --end` ends it, then reload again"
            )
        }
    }

    /// In the order of the configuration.
    private func prepare(_ new: GatewayConfiguration) throws -> [PreparedLine] {
        try new.lines.enumerated().map { index, line in
            guard let old = lines.first(where: { $0.line.name == line.name }) else {
                let made = try GatewayLine(line, isFirst: index == 0, admission: admission, environment)
                return (made, nil, isNew: true)
            }
            return (old, old.needsParts(for: line) ? try old.makeParts(line) : nil, isNew: false)
        }
    }

    private func replace(by new: GatewayConfiguration, _ prepared: [PreparedLine]) -> [String] {
        let old = configuration
        take(new)
        closeUnfitSockets()
        var changes = environment.observers.apply(new, insteadOf: old)
        for (index, (configuration, line)) in zip(new.lines, prepared).enumerated() where !line.isNew {
            changes += line.line.apply(configuration, isFirst: index == 0, line.parts)
        }
        changes += prepared.filter(\.isNew).map { "+line \($0.line.line.name)" }
        changes += old.lines.map(\.name).filter { name in !new.lines.contains { $0.name == name } }.map {
            "-line \($0)"
        }
        replaceLines(by: prepared.map(\.line))
        if new.clientNames != old.clientNames { changes.append("names") }
        if new.logFormat != old.logFormat { changes.append("log format, from the next start on") }
        if new.duration != old.duration { changes.append("duration, from the next start on") }
        GatewayProcess.raiseDescriptorLimit(for: new, logger: logger)
        if new.clients != old.clients || new.limits != old.limits || new.rate != old.rate { changes.append("clients") }
        return changes
    }
}
