internal import Broker
internal import Glibc
internal import Logging
internal import NIOCore
internal import SerialLine
internal import Settings
internal import Transport

/// Where clients, and readers of the traffic, come in. On the event loop only.
final class GatewayListeners {
    private struct Entry {
        let settings: GatewayConfiguration.Listener
        let listener: any Listener
        /// As it is had: with the port that the system chose for 0.
        let bound: String
        /// nil: of one without clients.
        let door: ListenerDoor?
    }

    private let making: ListenerMaking
    private let loop: any EventLoop
    private var entries: [Entry] = []
    private var isStopped = false

    init(_ making: ListenerMaking) {
        self.making = making
        loop = making.loop
    }

    /// Where clients and readers come in, in the order of the configuration.
    var addresses: [String] { entries.map { $0.settings.kind.text(at: $0.bound) } }

    var snapshot: [Snapshot.Listener] {
        entries.map { entry in
            var listener = Snapshot.Listener()
            (listener.kind, listener.address) = (entry.settings.kind.word, entry.bound)
            listener.connections = entry.listener.connected
            (listener.invalid, listener.dropped) = (entry.door?.entrance.invalid, entry.door?.entrance.dropped)
            return listener
        }
    }

    /// How many TLS connections did not become clients.
    var handshakesRefused: Int { making.handshakesRefused }

    /// Listens where the configuration says, and no longer where it does not; what is connected elsewhere stays so.
    ///
    /// - Parameter commit: called when everything is had and before anything else changes; it may refuse.
    /// - Returns: what changed; fails if one cannot be had, and then nothing is different.
    func apply(
        _ wanted: [GatewayConfiguration.Listener], commit: @escaping () throws -> Void = {}
    ) -> EventLoopFuture<[String]> {
        let new = zip(wanted, match(wanted)).filter { $1 == nil }.map { $0.0 }
        let gone = entries(notIn: match(wanted))
        // 127.0.0.1:502 has to be let go before *:502 can be had.
        let inTheWay = gone.filter { entry in new.contains { entry.settings.kind.isInTheWay(of: $0.kind) } }
        let this = NIOLoopBound(self, eventLoop: loop)
        let freed = NIOLoopBound(inTheWay, eventLoop: loop)
        let freeing = inTheWay.map { $0.listener.stopAccepting() }
        let committing = NIOLoopBound(commit, eventLoop: loop)
        return EventLoopFuture.andAllComplete(freeing, on: loop).flatMap { this.value.begin(new) }
            .flatMapThrowing { begun in
                do {
                    if this.value.isStopped { throw GatewayError.stopping }
                    try committing.value()
                } catch {
                    for entry in begun.value { entry.listener.end() }
                    throw error
                }
                return this.value.replace(by: wanted, begun.value)
            }
            .flatMapError { error in this.value.restore(freed.value, after: error) }
    }

    /// Everything at once, or nothing.
    private func begin(_ new: [GatewayConfiguration.Listener]) -> EventLoopFuture<NIOLoopBound<[Entry]>> {
        var parts: [(settings: GatewayConfiguration.Listener, listener: any Listener, door: ListenerDoor?)] = []
        do {
            for settings in new {
                let (listener, door) = try making.make(settings)
                parts.append((settings, listener, door))
            }
        } catch {
            return loop.makeFailedFuture(error)
        }
        let starting = parts.map { $0.listener.start().named($0.settings.kind) }
        let bound = NIOLoopBound(parts, eventLoop: loop)
        return EventLoopFuture.whenAllComplete(starting, on: loop).flatMapThrowing { results in
            do {
                let entries = try zip(bound.value, results).map { part, result in
                    Entry(settings: part.settings, listener: part.listener, bound: try result.get(), door: part.door)
                }
                return NIOLoopBound(entries, eventLoop: bound.eventLoop)
            } catch {
                for part in bound.value { part.listener.end() }
                throw error
            }
        }
    }

    /// Listens again where it had stopped to make room; fails with the error that made that necessary, and says where it
    /// cannot be undone.
    private func restore(_ entries: [Entry], after error: any Error) -> EventLoopFuture<[String]> {
        guard !isStopped else { return loop.makeFailedFuture(error) }
        let restored = entries.map { $0.listener.start().named($0.settings.kind) }
        return EventLoopFuture.whenAllComplete(restored, on: loop).flatMapThrowing { results in
            let lost = results.compactMap { result in
                if case .failure(let failure) = result { "\(failure)" } else { nil }
            }
            guard !lost.isEmpty else { throw error }
            throw GatewayError.refused("\(error); and what was stopped for it is lost: \(lost.joined(separator: "; "))")
        }
    }

    /// Which of the entries can go on as which wanted one: one each, nil where it has to be begun.
    private func match(_ wanted: [GatewayConfiguration.Listener]) -> [Int?] {
        var free = Array(entries.indices)
        return wanted.map { listener in
            guard let place = free.firstIndex(where: { entries[$0].settings.isSamePlace(as: listener) }) else {
                return nil
            }
            return free.remove(at: place)
        }
    }

    private func entries(notIn matches: [Int?]) -> [Entry] {
        entries.indices.filter { !matches.contains($0) }.map { entries[$0] }
    }

    /// - Parameter begun: one for each wanted one that none could go on as, in their order.
    /// - Returns: what is new, what has other settings, and what is no more.
    private func replace(by wanted: [GatewayConfiguration.Listener], _ begun: [Entry]) -> [String] {
        let matches = match(wanted)
        let gone = entries(notIn: matches)
        var (changed, fresh): ([String], ArraySlice<Entry>) = ([], begun[...])
        entries = zip(wanted, matches).compactMap { settings, match in
            guard let match else { return fresh.popFirst() }
            let entry = entries[match]
            if !entry.settings.hasSameSettings(as: settings) { changed.append("settings of \(settings.kind.text)") }
            entry.door?.apply(settings)
            (entry.listener as? SniffFeed)?.rules = settings.rules
            (entry.listener as? any NamedListener)?.apply(PseudoTerminalAccess(settings.node))
            return Entry(settings: settings, listener: entry.listener, bound: entry.bound, door: entry.door)
        }
        for entry in gone { entry.listener.end() }
        return begun.map { "+\($0.settings.kind.text)" } + changed + gone.map { "-\($0.settings.kind.text)" }
    }

    /// Takes what holds for all clients.
    func take(_ clients: ClientSettings) {
        making.clients = clients
        for entry in entries { entry.door?.take(clients) }
    }

    /// The ways of the clients of each listener to the line that it names, or to all.
    ///
    /// - Parameter lines: by name.
    func planned(_ lines: (String) -> Line?) -> [SwitchboardPlan.Path] {
        entries.compactMap(\.door).map { $0.planned(lines) }
    }

    /// Takes the names of virtual ports back, after a reload that came to nothing.
    func renewNames() {
        for entry in entries { (entry.listener as? any NamedListener)?.renewName() }
    }

    func stopAccepting() {
        isStopped = true
        for entry in entries { entry.listener.stopAccepting() }
    }

    /// Closes every connection of clients, after what was written to it has left.
    func closeConnections() -> EventLoopFuture<Void> {
        close { $0.door != nil }
    }

    /// The same of those who only listen.
    func closeReaders() -> EventLoopFuture<Void> {
        close { $0.door == nil }
    }

    private func close(_ isMeant: (Entry) -> Bool) -> EventLoopFuture<Void> {
        EventLoopFuture.andAllComplete(entries.filter(isMeant).map { $0.listener.closeConnections() }, on: loop)
    }
}

extension Listener {
    /// Is no more: listens no longer, and closes the connections of who has come in.
    fileprivate func end() {
        stopAccepting()
        _ = closeConnections()
    }
}

extension EventLoopFuture<String> {
    /// Names the place that was wanted in the error, which the system's does not.
    fileprivate func named(_ kind: ListenerSettings.Kind) -> EventLoopFuture<String> {
        flatMapErrorThrowing { error in
            throw GatewayError.cannotListen(kind.place, reason: ListenFailure.reason(error, at: kind))
        }
    }
}

extension PseudoTerminalAccess {
    init(_ settings: NodeSettings) {
        self.init(owner: settings.owner, group: settings.group, mode: settings.mode)
    }
}
