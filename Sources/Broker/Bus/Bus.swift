/// One line with its units, and the only one who transmits on it.
///
/// Owns a ``BusMachine``: hands it every input, and performs what comes out when the machine is done.
package final class Bus: Backend {
    private var machine: BusMachine
    private let timeline: any Timeline
    private let link: any BusLink
    private let observe: (BrokerEvent) -> Void
    private var timer: (any WakeTimer)?
    private var whenStopped: [() -> Void] = []
    private var borrower: ((LoanEvent) -> Void)?
    /// How many inputs are being worked on, each from within the effects of the one before.
    private var depth = 0
    /// Empty, with storage for the next effects.
    private var spareList: [BusEffect] = []

    /// - Parameters:
    ///   - link: carries the bytes; it is retained, and holds the bus weakly or not at all.
    ///   - observe: called for every event, on the same thread; it must not delay.
    package init(
        settings: BusSettings, timeline: any Timeline, link: any BusLink,
        observe: @escaping (BrokerEvent) -> Void
    ) {
        machine = BusMachine(settings: settings)
        self.timeline = timeline
        self.link = link
        self.observe = observe
        timer = timeline.makeTimer { [weak self] in self?.advance { _, _ in } }
    }

    package func submit(_ query: Query, for owner: any QueryOwner) {
        advance { $0.submit(query, for: owner, at: $1) }
    }

    package func withdraw(_ query: Query) {
        advance { $0.withdraw(query.id, at: $1) }
    }

    /// Bytes have come from the line.
    package func received(_ bytes: [UInt8]) {
        advance { $0.received(bytes, at: $1) }
    }

    /// The port is about to be opened for the first time: queries wait for the result, for 3 s at most.
    package func lineOpening() {
        advance { $0.opening(at: $1) }
    }

    /// The port could not be opened: the bus answers waiting queries, and further ones until the port opens.
    package func lineNotOpened() {
        advance { $0.notOpened(at: $1) }
    }

    /// The port is open.
    package func lineOpened() {
        advance { $0.opened(at: $1) }
    }

    /// The port is gone: everything that waits is answered, and further queries are until it opens again.
    package func lineClosed(_ reason: String) {
        advance { $0.closed(reason, at: $1) }
    }

    /// Treats the line by other settings from the next exchange on.
    package func apply(_ settings: BusSettings) {
        advance { machine, _ in machine.apply(settings) }
    }

    /// How it stands at this moment.
    package var status: BusStatus { machine.status }

    /// Answers what waits, lets what is on the line run to its end, and calls `done` when no late reply is owed any more,
    /// which whoever opens the line next would take for its own.
    package func stop(_ done: @escaping () -> Void) {
        whenStopped.append(done)
        advance { $0.stop(at: $1) }
    }

    /// Lends the line: what waits is answered as lent, and so is every further query; what is on the line runs to its
    /// end. As soon as no reply can come any more the borrower gets the line.
    ///
    /// - Parameter borrower: told when it has the line, and then every byte that comes from it.
    package func lend(to borrower: @escaping (LoanEvent) -> Void) {
        self.borrower = borrower
        advance { $0.lend(at: $1) }
    }

    /// Sends the borrower's bytes, behind those it gave before.
    ///
    /// - Returns: false if the line is not there, or not lent: they are lost.
    package func transmit(lent bytes: [UInt8]) -> Bool {
        var isSent = false
        advance { isSent = $0.transmit(lent: bytes, at: $1) }
        return isSent
    }

    /// Ends the loan, or the wait for it. What the borrower's last bytes are answered with is waited for, and discarded.
    package func takeBack() {
        borrower = nil
        advance { machine, _ in machine.takeBack() }
    }

    /// Runs one input to its end, then performs the effects: a completion may come back with a further input.
    private func advance(_ input: (inout BusMachine, Instant) -> Void) {
        let now = timeline.now
        input(&machine, now)
        var effects: [BusEffect] = []
        swap(&effects, &spareList)
        let (transmission, isUseful) = machine.takeEffects(at: now, into: &effects)
        depth += 1
        // First, for the transmission may show that the port is gone.
        if isUseful { link.noteUse() }
        // The line is the scarce thing: it gets its next request before anybody is told about the last one.
        if let transmission { link.transmit(transmission) }
        perform(&effects)
        if effects.capacity > 0 { swap(&effects, &spareList) }
        depth -= 1
        // Last, because it costs time that nobody need wait for.
        if depth == 0 { timer?.set(machine.prepareWake(after: now)) }
        if depth == 0, machine.isStopping, machine.isFinished { callWhenStopped() }
    }

    private func callWhenStopped() {
        let callbacks = whenStopped
        whenStopped = []
        for callback in callbacks { callback() }
    }

    /// Empties the list, and keeps its storage.
    private func perform(_ effects: inout [BusEffect]) {
        for effect in effects {
            switch effect {
            case .complete(let owner, let exchange): owner.finished(exchange)
            case .report(let event): observe(event)
            case .reopen: link.reopen()
            case .lent(let event): borrower?(event)
            }
        }
        effects.removeAll(keepingCapacity: true)
    }
}

/// What carries the bytes of a ``Bus``.
package protocol BusLink: AnyObject {
    /// Sends one frame. An error is reported by ``Bus/lineClosed(_:)``, which may be called at once.
    func transmit(_ bytes: [UInt8])

    /// Closes the port, which the bus has given up already, and opens it again.
    func reopen()

    /// Something useful has come over the open port, such as a reply to what was asked.
    func noteUse()
}

extension BusLink {
    /// Most links are no better for it.
    package func noteUse() {}
}
