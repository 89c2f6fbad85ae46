package import Broker
package import Modbus

/// Answers queries from simulated units, without a line between.
///
/// Units answer one after the other, each after the reply time, as if they shared a line. A unit that is not there, or
/// sleeps, gives no reply; how long that would take on a line is waited for.
package final class SimulatedUnitsBackend: Backend {
    package struct Settings: Sendable {
        /// From a query's turn to its answer; 0: at once, within the call.
        package var replyTime: Duration = .zero
        /// How long a silent unit is waited for.
        package var responseTimeout: Duration = .milliseconds(900)
        /// The most queries that wait; 1 or more.
        package var capacity = 256

        package init() {}
    }

    private let settings: Settings
    private let timeline: any Timeline
    private let units: [(UnitIdentifier, any SimulatedUnit)]
    private var queue: [Waiting] = []
    private var current: Turn?
    private var isAwake = false
    private var timer: (any WakeTimer)?
    private var ticker: (any WakeTimer)?
    private var isStopping = false

    /// - Parameter units: in the order in which a read of unit 0 finds them.
    package init(
        _ settings: Settings = Settings(), units: [(UnitIdentifier, any SimulatedUnit)], timeline: any Timeline
    ) {
        self.settings = settings
        self.units = units
        self.timeline = timeline
        timer = timeline.makeTimer { [weak self] in self?.wake() }
        ticker = timeline.makeTimer { [weak self] in self?.tick() }
        ticker?.set(timeline.now + Self.tickPeriod)
    }

    /// Units that nobody reads go on in steps, so that the next reader need not wait for a month of simulated time.
    private static let tickPeriod: Duration = .seconds(10)

    private func tick() {
        for (_, unit) in units { unit.advance(to: timeline.now) }
        if !isStopping { ticker?.set(timeline.now + Self.tickPeriod) }
    }

    package func submit(_ query: Query, for owner: any QueryOwner) {
        guard !isStopping else { return owner.finished(.failed(query, .stopping, at: timeline.now)) }
        do throws(PDUError) {
            _ = try Request(query.pdu)
        } catch {
            return owner.finished(.failed(query, .malformed(error), at: timeline.now))
        }
        guard queue.count < settings.capacity else {
            return owner.finished(.failed(query, .overloaded, at: timeline.now))
        }
        queue.append(Waiting(query: query, owner: owner))
        wake()
    }

    package func withdraw(_ query: Query) {
        guard let index = queue.firstIndex(where: { $0.query.id == query.id }) else { return }
        let entry = queue.remove(at: index)
        entry.owner.finished(.failed(entry.query, .withdrawn, at: timeline.now))
    }

    /// Answers what waits, and everything that comes later, with `stopping`; whose turn it is, at once.
    package func stop() {
        isStopping = true
        ticker?.set(nil)
        if let turn = current {
            current = nil
            turn.entry.owner.finished(turn.exchange(at: timeline.now))
        }
        while !queue.isEmpty {
            let entry = queue.removeFirst()
            entry.owner.finished(.failed(entry.query, .stopping, at: timeline.now))
        }
    }

    /// Ends what is due, and gives the next its turn. A completion may come back with a further query, which waits for
    /// the outer call.
    private func wake() {
        guard !isAwake else { return }
        isAwake = true
        while advance(at: timeline.now) {}
        isAwake = false
        timer?.set(([current?.end] + queue.map(\.query.deadline)).compactMap(\.self).min())
    }

    /// - Returns: whether something happened.
    private func advance(at now: Instant) -> Bool {
        if let current, current.end <= now {
            self.current = nil
            current.entry.owner.finished(current.exchange(at: now))
        } else if let index = queue.firstIndex(where: { $0.query.deadline.map { $0 <= now } ?? false }) {
            let entry = queue.remove(at: index)
            entry.owner.finished(.failed(entry.query, .expired, at: now))
        } else if current == nil, !queue.isEmpty {
            current = turn(of: queue.removeFirst(), at: now)
        } else {
            return false
        }
        return true
    }

    private func turn(of entry: Waiting, at now: Instant) -> Turn {
        let (result, wait) = answer(entry.query, at: now)
        if let deadline = entry.query.deadline, deadline < now + wait {
            return Turn(entry: entry, sent: now, end: deadline, result: .failure(.expiredOnLine))
        }
        return Turn(entry: entry, sent: now, end: now + wait, result: result)
    }

    /// Every unit executes a broadcast and none answers: it is acknowledged here, as the bus does.
    private func answer(
        _ query: Query, at now: Instant
    ) -> (result: Result<RTUFrame, BrokerError>, wait: Duration) {
        if query.isLineBroadcast {
            for (_, unit) in units { _ = unit.answer(query.pdu, at: now) }
            let frame = query.pdu.acknowledgement.map { RTUFrame(unit: query.lineUnit, pdu: $0) }
            return (frame.map { .success($0) } ?? .failure(.noReply), settings.replyTime)
        }
        for (name, unit) in units where query.lineUnit.isBroadcast || name == query.lineUnit {
            guard let pdu = unit.answer(query.pdu, at: now) else { continue }
            return (.success(RTUFrame(unit: name, pdu: pdu)), unit.replyTime(to: query.pdu) ?? settings.replyTime)
        }
        return (.failure(.noReply), settings.responseTimeout)
    }
}

/// A query and who wants to know.
private struct Waiting {
    let query: Query
    let owner: any QueryOwner
}

/// The query whose turn it is, and what comes of it when.
private struct Turn {
    let entry: Waiting
    let sent: Instant
    let end: Instant
    let result: Result<RTUFrame, BrokerError>

    func exchange(at now: Instant) -> Exchange {
        Exchange(
            query: entry.query, result: result, source: entry.query.isLineBroadcast ? .broker : .bus, attempts: 1,
            sent: sent,
            finished: now)
    }
}
