/// A line of a ``Switchboard``: its plan, the chain that queries go through now, and its poller.
final class SwitchedLine {
    /// What a new plan for a line brings with it, to be done when all tables are changed.
    struct Change {
        /// The chain that another one has replaced; nil: it is the same.
        let replaced: Ended?
        fileprivate let box: (any LineBox)?
        fileprivate let settings: (end: any LineEnd, BusSettings)?
        /// The dongle's port that another one has replaced.
        let port: SwitchedDongle.Replaced?

        func perform() {
            box?.stop()
            if let settings { settings.end.apply(settings.1) }
        }
    }

    /// A chain that gets no query any more.
    struct Ended {
        let chain: LineChain
        let places: [String]
        /// Ends when nothing of it has a port any more.
        let gone = Places.Departure()
        let close: (_ done: @escaping () -> Void) -> Void
    }

    private(set) var plan: SwitchboardPlan.Line
    private(set) var chain: LineChain
    private(set) var poller: Poller?
    let dongle: SwitchedDongle
    /// nil: the dongle is a client like any other.
    var passthrough: Passthrough?
    /// Of ends that were replaced: an exchange may still be on the line, or a port open.
    private var earlier: [Places.Departure] = []
    private var state = State.closed

    private enum State {
        case closed
        /// The end is told to open, or will be as soon as its places are free.
        case opening
        /// Units could be asked: the poller runs, whatever becomes of the port.
        case ready
    }

    init(
        _ plan: SwitchboardPlan.Line, _ chain: LineChain,
        _ makeSession: @escaping (SwitchboardPlan.Dongle) -> SerialClientSession
    ) {
        self.plan = plan
        self.chain = chain
        dongle = SwitchedDongle(plan.dongle, makeSession)
    }

    /// The chain of a line that is no more, whose dongle's port closes with it.
    var ended: Ended {
        Ended(chain: chain, places: plan.places + (dongle.current?.plan.places ?? [])) { [chain, dongle] done in
            Places.closeBoth(chain.end.close, dongle.close, done)
        }
    }

    /// Closes the ports of a line that is quiet.
    func close(_ done: @escaping () -> Void) { ended.close(done) }

    /// Goes on by another plan of the same line. Nothing is completed meanwhile.
    ///
    /// - Parameter makeChain: called if the plan has another end.
    func take(_ new: SwitchboardPlan.Line, _ makeChain: () -> LineChain) -> Change {
        let old = plan
        plan = new
        let port = dongle.take(new.dongle)
        guard new.end === old.end else {
            let ended = Ended(chain: chain, places: old.places) { [chain] in chain.end.close($0) }
            earlier = earlier.filter { !$0.isOver } + [ended.gone]
            chain = makeChain()
            state = .closed
            return Change(replaced: ended, box: nil, settings: nil, port: port)
        }
        let settings = new.bus == old.bus ? nil : (new.end, new.bus)
        return Change(replaced: nil, box: chain.apply(new), settings: settings, port: port)
    }

    /// Reads by itself what the plan says: goes on, or begins anew if something about it is different.
    func takePolls(timeToAnswer: Duration, _ make: ([SwitchboardPlan.Poll], LineNumber) -> Poller) {
        if let poller, poller.line == chain.number, poller.reads == plan.polls, poller.timeToAnswer == timeToAnswer {
            return
        }
        poller?.stop()
        poller = make(plan.polls, chain.number)
        if state == .ready { poller?.start() }
    }

    /// Opens an end, and a dongle's port, that is new, as soon as its places are free, and an end that was replaced has no
    /// exchange any more: the old way and the new one may lead to the same unit.
    ///
    /// - Parameter isMeant: whether the line is still there when that is so.
    func open(_ places: Places, where isMeant: @escaping () -> Bool) {
        openEnd(places, where: isMeant)
        dongle.open(places, where: isMeant)
    }

    private func openEnd(_ places: Places, where isMeant: @escaping () -> Bool) {
        guard state == .closed else { return }
        state = .opening
        let chain = chain
        places.whenFree(plan.places, after: earlier) { [weak self] in
            guard let self, isMeant(), self.chain === chain else { return }
            chain.end.open { [weak self] in
                guard let self, self.chain === chain else { return }
                state = .ready
                poller?.start()
            }
        }
    }
}
