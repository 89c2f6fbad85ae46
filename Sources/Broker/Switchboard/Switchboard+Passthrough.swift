extension Switchboard {
    /// What is in the way of a passthrough.
    package enum PassthroughRefusal: Error {
        /// What answers is no line.
        case noLine
        case noDongle
        /// The line carries Modbus frames only.
        case hasTransactions
        /// The line's port hears what it transmits, and the dongle would get that.
        case hearsItself
    }

    /// The firmware update on a line; nil: its dongle is a client like any other.
    package func passthrough(on line: Line) -> Passthrough? { switched(line)?.passthrough }

    /// Prepares a passthrough, which is the line's from now on until it ends.
    ///
    /// A plan that has another port for the line or for its dongle ends it at once.
    ///
    /// - Parameter observe: told what happens, after the reports.
    /// - Returns: it has to be started.
    package func makePassthrough(
        on line: Line, observe: @escaping (BrokerEvent) -> Void
    ) throws(PassthroughRefusal) -> Passthrough {
        guard let switched = switched(line) else { throw .noLine }
        return try switched.makePassthrough(timeline) { [reports] event in
            reports.note(event, of: line)
            observe(event)
        }
    }
}

extension SwitchedLine {
    fileprivate func makePassthrough(
        _ timeline: any Timeline, _ observe: @escaping (BrokerEvent) -> Void
    ) throws(Switchboard.PassthroughRefusal) -> Passthrough {
        guard let bus = chain.end.lendable else { throw .noLine }
        guard let (dongle, session) = self.dongle.current else { throw .noDongle }
        guard !plan.bus.hasTransactions else { throw .hasTransactions }
        guard !bus.status.hearsItself else { throw .hearsItself }
        var settings = PassthroughSettings()
        settings.clientTiming = dongle.settings.serialTiming
        settings.lineTiming = plan.bus.timing
        settings.updateRegisters = dongle.path.policy.settings.forbiddenWrites
        let passthrough = Passthrough(
            of: dongle.client, session, with: bus, settings: settings, timeline: timeline, observe: observe,
            whenEnded: { [weak self] in self?.passthrough = nil })
        self.passthrough = passthrough
        return passthrough
    }

    /// Whether a plan closes one of the two ports that a passthrough has joined.
    func touchesPorts(_ new: SwitchboardPlan.Line?) -> Bool {
        new?.end !== plan.end || new?.dongle?.port !== plan.dongle?.port
    }
}
