internal import Broker
package import NIOCore
internal import Simulator
internal import Transport

extension Gateway {
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
        let needsParts = new.needsOtherSource(than: configuration)
        let made = NIOLoopBoundBox<GatewayParts?>(nil, eventLoop: loop)
        reloads += 1
        // What can fail comes before anything is different.
        return listeners.apply(new) { made.value = needsParts ? try gateway.value.makeParts(new) : nil }
            .always { _ in gateway.value.reloads -= 1 }
            .map { addresses in
                gateway.value.replace(by: new, made.value) + addresses.map { "listener \($0)" }
            }
    }

    /// Both ports belong to a firmware update.
    private func refuseDuringPassthrough(_ new: GatewayConfiguration) throws(GatewayError) {
        guard passthrough != nil else { return }
        let change =
            new.needsOtherSource(than: configuration)
            ? "the line" : new.needsOtherDonglePort(than: configuration) ? "the dongle's port" : nil
        guard let change else { return }
        throw .badRequest(
            "\(change) would change while passthrough is on; `growatt-broker passthrough --end` ends it, then reload again"
        )
    }

    private func makeParts(_ new: GatewayConfiguration) throws -> GatewayParts {
        try GatewayParts(
            new, loop: loop, registry: registry, timeline: timeline, logger: logger,
            observe: { [observers] in observers.note($0) })
    }

    private func replace(by new: GatewayConfiguration, _ parts: GatewayParts?) -> [String] {
        let old = configuration
        configuration = new
        var changes = observers.apply(new, insteadOf: old)
        access.settings = new.access
        if let parts {
            replaceSource(by: parts)
            changes.append("line \(new.name)")
        } else {
            if new.bus != old.bus {
                source.apply(new.bus)
                changes.append("settings of line \(new.name)")
            }
            if new.faults != old.faults { changes += replaceFaults() }
        }
        if parts != nil || new.poll != old.poll || new.clients != old.clients { replacePoller() }
        if new.needsOtherDonglePort(than: old) {
            replaceShine()
            changes.append("dongle")
        }
        if new.clients != old.clients || new.access != old.access || new.maximumClients != old.maximumClients {
            changes.append("clients")
        }
        return changes
    }

    /// The new one gets the next queries. The old one answers what waits, ends what is on the line, and lets the port go
    /// before the new one opens its own: it may be the same.
    private func replaceSource(by parts: GatewayParts) {
        let (old, oldInjection) = (source, injection)
        source = parts.source
        injection = parts.injection
        access.next = parts.backend
        poller.stop()
        oldInjection?.stop()
        let gateway = NIOLoopBound(self, eventLoop: loop)
        let both = NIOLoopBound((old: old, new: parts.source), eventLoop: loop)
        old.stop {
            both.value.old.close().whenComplete { _ in
                guard !gateway.value.isStopping, gateway.value.source === both.value.new else { return }
                gateway.value.openSource()
            }
        }
    }

    private func openSource() {
        source.open { [weak self] in self?.poller.start() }
    }

    private func replaceFaults() -> [String] {
        injection?.stop()
        injection = configuration.injection(configuration.injector(timeline), before: source.backend, timeline)
        access.next = injection ?? source.backend
        return ["faults"]
    }

    private func replacePoller() {
        poller.stop()
        poller = Poller(
            configuration.blocks(of: source), backend: access, settings: configuration.clients, timeline: timeline,
            observe: { [observers] in observers.note($0) })
        if source.status?.isOpen ?? true { poller.start() }
    }

    private func replaceShine() {
        let old = shine
        shine = configuration.shine.map { makeShine($0) }
        let gateway = NIOLoopBound(self, eventLoop: loop)
        let closed = old?.stop() ?? loop.makeSucceededVoidFuture()
        closed.whenComplete { _ in
            guard !gateway.value.isStopping else { return }
            gateway.value.shine?.open()
        }
    }
}

extension GatewayConfiguration {
    /// Whether the dongle's port has to be opened anew, or closed.
    fileprivate func needsOtherDonglePort(than old: GatewayConfiguration) -> Bool {
        shine != old.shine || (shine != nil && clients != old.clients)
    }

    /// Whether what answers has to be made anew. Faults on a line are before it; simulated units have them inside.
    fileprivate func needsOtherSource(than old: GatewayConfiguration) -> Bool {
        if source != old.source || name != old.name || pty != old.pty { return true }
        guard case .line = source else { return faults != old.faults || bus != old.bus }
        return bus.shapes != old.bus.shapes
    }
}
