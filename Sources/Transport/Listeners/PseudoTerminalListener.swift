internal import Broker
internal import Dispatch
package import NIOCore
package import SerialLine

/// A virtual serial port, which any program opens as if it were the inverter's line.
///
/// Nobody stays who has it open when it stops: the pair is closed, and its name removed. Made and used on the event loop
/// only.
package final class PseudoTerminalListener: NamedListener {
    private let path: String
    private var access: PseudoTerminalAccess
    private let entrance: ClientEntrance
    private let report: (String) -> Void
    private let loop: any EventLoop
    private var programs: PseudoTerminalPrograms?
    /// Completed when the opening that was begun last has succeeded or failed.
    private var opening: EventLoopFuture<Void>
    /// One for each start, so that what comes from an older one is known.
    private var reopener: Reopener?

    /// - Parameters:
    ///   - path: becomes a symbolic link to the port.
    ///   - report: told about trouble, one line each.
    package init(
        path: String, access: PseudoTerminalAccess, _ entrance: ClientEntrance, report: @escaping (String) -> Void
    ) {
        self.path = path
        self.access = access
        self.entrance = entrance
        self.report = report
        loop = entrance.loop
        opening = loop.makeSucceededVoidFuture()
    }

    /// 1 while any program has the port open.
    package var connected: Int { programs?.isOpen == true ? 1 : 0 }

    /// - Returns: the path; fails with `SerialLineError`.
    package func start() -> EventLoopFuture<String> {
        reopener?.stop()
        close()
        let reopener = Reopener(.device, loop: loop) { [weak self] in self?.reopen($0) }
        self.reopener = reopener
        guard let number = reopener.begin() else { return loop.makeFailedFuture(ChannelError.ioOnClosedChannel) }
        return open(reopener, number).map { [path] in path }
    }

    @discardableResult
    package func stopAccepting() -> EventLoopFuture<Void> {
        reopener?.stop()
        close()
        return opening
    }

    package func closeConnections() -> EventLoopFuture<Void> { stopAccepting() }

    /// Takes the name back, which a port that came to nothing has taken.
    package func renewName() {
        do throws(SerialLineError) {
            try programs?.port?.renewLink()
        } catch {
            report("\(error)")
        }
    }

    /// Lets others open the port from now on; who has it open keeps it. What is refused is reported.
    package func apply(_ new: PseudoTerminalAccess) {
        guard new != access else { return }
        access = new
        let listener = NIOLoopBound(self, eventLoop: loop)
        resolve().whenComplete { result in
            let this = listener.value
            guard this.access == new else { return }
            do {
                try this.programs?.port?.apply(result.get())
            } catch {
                this.report("\(error)")
            }
        }
    }
}

extension PseudoTerminalListener {
    private func open(_ reopener: Reopener, _ number: Int) -> EventLoopFuture<Void> {
        let listener = NIOLoopBound((self, reopener), eventLoop: loop)
        let opened = resolve().flatMap { access in
            let (this, reopener) = listener.value
            return this.open(access, reopener, number)
        }
        opening = opened.recover { _ in }
        return opened
    }

    /// Not on the loop: the names of users may have to be asked of a server.
    private func resolve() -> EventLoopFuture<NodeAccess> {
        let (path, access) = (path, access)
        let resolved = loop.makePromise(of: NodeAccess.self)
        DispatchQueue.global().async {
            do throws(SerialLineError) {
                resolved.succeed(try access.resolved(for: path))
            } catch {
                resolved.fail(error)
            }
        }
        return resolved.futureResult
    }

    private func open(_ access: NodeAccess, _ reopener: Reopener, _ number: Int) -> EventLoopFuture<Void> {
        guard reopener.isAwaiting(number) else { return loop.makeFailedFuture(ChannelError.ioOnClosedChannel) }
        do {
            let programs = PseudoTerminalPrograms(
                try VirtualPort(path: path, access: access), entrance, report: report,
                lost: { [weak self] in self?.lost($0, reopener, number) })
            self.programs = programs
            let listener = NIOLoopBound((self, reopener), eventLoop: loop)
            return programs.open().map { _ = listener.value.1.opened(number) }.flatMapErrorThrowing { error in
                let (this, reopener) = listener.value
                if reopener.isAwaiting(number) { this.close() }
                throw error
            }
        } catch {
            return loop.makeFailedFuture(error)
        }
    }

    private func close() {
        programs?.close()
        programs = nil
    }

    private func lost(_ reason: String, _ reopener: Reopener, _ number: Int) {
        let text = "\(path): the port is lost, and opened again: \(reason)"
        if reopener.lost(number) {
            close()
            report(text)
        } else if reopener.isAwaiting(number) {
            close()
            failed(text, reopener, number)
        }
    }

    private func failed(_ reason: String, _ reopener: Reopener, _ number: Int) {
        if let reason = reopener.failed(number, reason) { report(reason) }
    }

    private func reopen(_ number: Int) {
        guard let reopener else { return }
        open(reopener, number).assumeIsolated().whenFailure { [weak self] in
            self?.failed("\($0)", reopener, number)
        }
    }
}
