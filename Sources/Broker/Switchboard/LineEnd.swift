/// What answers on a line: a bus with its port, or simulated units. One that a plan no longer has is stopped, then closed.
package protocol LineEnd: AnyObject {
    /// Takes the queries of the line.
    var backend: any Backend { get }

    /// The bus, which a dongle can borrow for a firmware update; nil: there is none.
    var lendable: Bus? { get }

    /// Treats its line by other settings from now on.
    func apply(_ settings: BusSettings)

    /// Opens the ports. One that is missing is waited for.
    ///
    /// - Parameter isReady: called once, as soon as units can be asked.
    func open(_ isReady: @escaping () -> Void)

    /// Answers what waits, lets what runs end, and then calls `done`.
    func stop(_ done: @escaping () -> Void)

    /// Closes the ports, and calls `done` when nothing of them is under way any more.
    func close(_ done: @escaping () -> Void)
}

extension LineEnd {
    package var lendable: Bus? { nil }
}

/// The port of a line's dongle. One that a plan no longer has is closed.
package protocol DonglePort: AnyObject {
    /// Opens the port, and goes on trying until it is open.
    ///
    /// - Parameter session: is told what comes, and when the port opens and closes.
    func open(for session: SerialClientSession)

    /// Sends what the session has for its client.
    func send(_ bytes: [UInt8])

    /// Closes it for good, and calls `done` when nothing of it is under way any more.
    func close(_ done: @escaping () -> Void)
}

/// A box that a plan puts in front of a line's end, such as faults.
package protocol LineBox: Backend {
    /// Completes at once what it holds back, and holds nothing back any more.
    func stop()
}
