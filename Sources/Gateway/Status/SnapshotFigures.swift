internal import Broker
internal import Modbus
internal import Settings
internal import Transport

/// The figures that a snapshot is made of, as the event loop copies them: by reference. Another thread may make the snapshot.
struct SnapshotFigures: Sendable {
    /// A line, as it stands.
    struct Line: Sendable {
        let name: String
        let endpoint: String
        let figures: LineStatistics
        /// nil: simulated units, which have no line.
        let bus: BusStatus?
        /// nil: none is on.
        let passthrough: PassthroughStatus?
    }

    let version: String
    let logLevel: String
    let lines: [Line]
    let listeners: [Snapshot.Listener]
    let refused: Snapshot.Refused
    let clients: ClientStatistics
    let names: [ClientName]
    let lost: Snapshot.Lost
    let now: Instant
    let start: Instant

    var snapshot: Snapshot {
        var snapshot = Snapshot()
        snapshot.version = version
        snapshot.uptime = now - start
        snapshot.logLevel = logLevel
        snapshot.lines = lines.map { $0.snapshot(at: now) }
        snapshot.listeners = listeners
        snapshot.refused = refused
        let others = clients.others.map { [(key: "others", value: $0)] } ?? []
        snapshot.clients = (clients.clients.sorted { $0.key < $1.key } + others).map { address, figures in
            figures.snapshot(of: address, name: names.first { $0.address == address }?.name, at: now)
        }
        snapshot.lost = lost
        return snapshot
    }
}

extension SnapshotFigures.Line {
    fileprivate func snapshot(at now: Instant) -> Snapshot.Line {
        var line = Snapshot.Line()
        (line.name, line.endpoint, line.state) = (name, endpoint, state)
        line.passthrough = passthrough.map { Snapshot.Passthrough($0, at: now) }
        line.since = figures.changed.map { now - $0 }
        line.reason = figures.lossReason
        (line.waiting, line.queueLimit) = (bus?.waiting ?? 0, bus?.capacity)
        line.lastMinute = figures.recent.snapshot(at: now)
        (line.retries, line.failedAttempts) = (figures.retries, figures.attemptsFailed)
        (line.foreignFrames, line.lateReplies) = (figures.foreignFrames, figures.lateReplies)
        (line.noiseBytes, line.firmwareWritesRefused) = (figures.noiseBytes, figures.firmwareWritesRefused)
        line.units = figures.units.enumerated().compactMap { number, unit in
            unit?.snapshot(of: number, bus, at: now)
        }
        return line
    }

    private var state: String {
        switch bus {
        case nil: "simulated"
        case .some(let bus) where bus.isOpen: passthrough == nil ? "open" : "passthrough"
        case .some: "closed"
        }
    }
}

extension LineStatistics.Unit {
    fileprivate func snapshot(of number: Int, _ bus: BusStatus?, at now: Instant) -> Snapshot.Unit {
        var unit = Snapshot.Unit()
        unit.unit = number
        unit.state = bus?.state(of: UnitIdentifier(rawValue: UInt8(number))) ?? "live"
        unit.outcomes = outcomes.snapshot
        unit.lastReply = lastReply.map { now - $0 }
        unit.replyTime = replyTime.snapshot
        return unit
    }
}

extension BusStatus {
    fileprivate func state(of unit: UnitIdentifier) -> String {
        silentUnits.contains(unit) ? "silent" : liveUnits.contains(unit) ? "live" : "unknown"
    }
}

extension ClientStatistics.Figures {
    fileprivate func snapshot(of address: String, name: String?, at now: Instant) -> Snapshot.Client {
        var client = Snapshot.Client()
        (client.address, client.name, client.kind) = (address, name, kind?.rawValue)
        client.outcomes = outcomes.snapshot
        client.lastMinute = recent.snapshot(at: now)
        client.lastRequest = now - lastRequest
        client.waitingTime = waiting.snapshot
        return client
    }
}

extension RecentOutcomes {
    fileprivate func snapshot(at now: Instant) -> Snapshot.Recent {
        let counts = counts(at: now)
        var recent = Snapshot.Recent()
        (recent.answered, recent.exceptions, recent.failed) = (counts.answered, counts.exceptions, counts.failed)
        return recent
    }
}

extension TimeFigures {
    fileprivate var snapshot: Snapshot.Times {
        var times = Snapshot.Times()
        (times.mean, times.longest) = (mean, count == 0 ? nil : longest)
        return times
    }
}

extension Snapshot.Passthrough {
    init(_ status: PassthroughStatus, at now: Instant) {
        self.init()
        phase = status.phase.rawValue
        (since, left) = (now - status.started, max(.zero, status.ends - now))
        updateByte = status.lastUpdateByte.map { now - $0 }
        (dongleBytes, inverterBytes) = (status.figures.fromClient, status.figures.fromLine)
        lostBytes = status.figures.lost
    }
}

extension Snapshot.Refused {
    /// - Parameter refused: how many by reason, before they became clients or as datagrams.
    init(_ refused: [BrokerEvent.AdmissionRefusal: Int], handshakes: Int, aboveRate: Int) {
        self.init()
        for reason in BrokerEvent.AdmissionRefusal.allCases {
            self[keyPath: Self.place(of: reason)] = refused[reason] ?? 0
        }
        (handshake, rate) = (handshakes, aboveRate)
    }

    private static func place(of reason: BrokerEvent.AdmissionRefusal) -> WritableKeyPath<Self, Int?> {
        switch reason {
        case .address: \.address
        case .perAddress: \.perAddress
        case .full: \.full
        case .descriptors: \.descriptors
        case .reflected: \.reflected
        }
    }
}
