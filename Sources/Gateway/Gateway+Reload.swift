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
            .always { result in
                gateway.value.reloads -= 1
                if case .failure = result { gateway.value.source.renewNames() }
            }
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
        throw .refused(
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
        shineAccess.settings = new.shineAccess
        if let parts {
            replaceSource(by: parts)
            changes.append("line \(new.name)")
        } else {
            if new.bus != old.bus {
                source.apply(new.bus)
                changes.append("settings of line \(new.name)")
            }
            let isLimited = new.faults != nil && new.bus.responseTimeout != old.bus.responseTimeout
            if new.faults != old.faults || isLimited { changes += replaceFaults() }
        }
        if parts != nil || new.poll != old.poll || new.clients != old.clients { replacePoller() }
        if new.poll != old.poll { changes.append("poll") }
        if new.clientNames != old.clientNames { changes.append("names") }
        if new.duration != old.duration { changes.append("duration, from the next start on") }
        if new.needsOtherDonglePort(than: old) {
            replaceShine()
            changes.append("dongle")
        }
        if new.maximumClients != old.maximumClients { GatewayProcess.raiseDescriptorLimit(for: new) }
        if new.clients.clientTimeout != old.clients.clientTimeout || new.access != old.access
            || new.shineAccess != old.shineAccess
            || new.maximumClients != old.maximumClients
        {
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
        shineAccess.next = parts.backend
        poller.stop()
        oldInjection?.stop()
        let gone = loop.makePromise(of: Void.self)
        old.stop { old.close().whenComplete { _ in gone.succeed() } }
        // All that were replaced: an exchange of the one before the last may still be on the line.
        draining = EventLoopFuture.andAllComplete([draining, gone.futureResult], on: loop)
        let gateway = NIOLoopBound(self, eventLoop: loop)
        let new = NIOLoopBound(parts.source, eventLoop: loop)
        draining.whenComplete { _ in
            guard !gateway.value.isStopping, gateway.value.source === new.value else { return }
            gateway.value.openSource()
        }
    }

    func openSource() {
        source.open { [weak self] in self?.poller.start() }
    }

    private func replaceFaults() -> [String] {
        injection?.stop()
        injection = configuration.injection(configuration.injector(timeline), before: source.backend, timeline)
        access.next = injection ?? source.backend
        shineAccess.next = access.next
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
        shineClosing = EventLoopFuture.andAllComplete([shineClosing, closed], on: loop)
        let new = NIOLoopBound(shine, eventLoop: loop)
        shineClosing.whenComplete { _ in
            guard !gateway.value.isStopping, gateway.value.shine === new.value else { return }
            gateway.value.shine?.open()
        }
    }
}

extension GatewayConfiguration {
    /// Whether the dongle's port has to be opened anew, or closed.
    fileprivate func needsOtherDonglePort(than old: GatewayConfiguration) -> Bool {
        shine != old.shine
            || shine != nil
                && (clients.serialTimeout != old.clients.serialTimeout
                    || clients.serialTiming != old.clients.serialTiming)
    }

    /// Whether what answers has to be made anew. Faults on a line are before it; simulated units have them inside.
    fileprivate func needsOtherSource(than old: GatewayConfiguration) -> Bool {
        if source != old.source || name != old.name || pty != old.pty { return true }
        guard case .line = source else { return faults != old.faults || bus != old.bus }
        return bus.shapes != old.bus.shapes
    }
}
