internal import Broker
internal import Modbus
internal import Settings
internal import Text

/// What `status` tells: the figures of a running gateway as one JSON object. `docs/control.md` describes it.
struct GatewayStatus {
    /// What is connected at a listener.
    struct Listener {
        let kind: String
        let address: String
        let connections: Int?
        /// Connections that were closed, and datagrams that were dropped, because they were no Modbus; nil: no clients.
        var invalid: Int?
        /// Datagrams that there was no room for.
        var dropped: Int?
    }

    /// How the one that answers stands.
    struct Line {
        let name: String
        let endpoint: String
        let figures: LineStatistics
        /// nil: simulated units, which have no line.
        let bus: BusStatus?
        /// nil: none is on.
        let passthrough: PassthroughStatus?
    }

    let lines: [Line]
    let clients: ClientStatistics
    /// How many were not let in, by reason.
    let refused: [(reason: String, count: Int)]
    let listeners: [Listener]
    let names: [ClientName]
    let logLost: Int
    let captureLost: Int?
    let logLevel: String
    let now: Instant
    let start: Instant

    /// - Parameter version: of the program.
    func json(version: String) -> JSONValue {
        .object([
            .init("version", .string(version)), .init("uptimeSeconds", .seconds(now - start)),
            .init("logLevel", .string(logLevel)), .init("lines", .array(lines.map(lineValue))),
            .init("listeners", .array(listeners.map(listenerValue))),
            .init("refused", .object(refused.map { .init($0.reason, .count($0.count)) })),
            .init("clients", .array(clientValues)),
            .init(
                "lost",
                .object([.init("log", .count(logLost)), .init("capture", captureLost.map { .count($0) } ?? .null)])),
        ])
    }

    private func lineValue(_ line: Line) -> JSONValue {
        let statistics = line.figures
        let state =
            switch line.bus {
            case nil: "simulated"
            case .some(let bus) where bus.isOpen: line.passthrough == nil ? "open" : "passthrough"
            case .some: "closed"
            }
        return .object([
            .init("name", .string(line.name)), .init("endpoint", .string(line.endpoint)),
            .init("state", .string(state)),
            .init("passthrough", line.passthrough?.json(at: now) ?? .null),
            .init("sinceSeconds", statistics.changed.map { .seconds(now - $0) } ?? .null),
            .init("reason", statistics.lossReason.map { .string($0) } ?? .null),
            .init("waiting", .count(line.bus?.waiting ?? 0)),
            .init("queueLimit", line.bus.map { .count($0.capacity) } ?? .null),
            .init("lastMinute", statistics.recent.counts(at: now).value),
            .init("retries", .count(statistics.retries)), .init("failedAttempts", .count(statistics.attemptsFailed)),
            .init("foreignFrames", .count(statistics.foreignFrames)),
            .init("lateReplies", .count(statistics.lateReplies)),
            .init("noiseBytes", .count(statistics.noiseBytes)),
            .init("firmwareWritesRefused", .count(statistics.firmwareWritesRefused)),
            .init("units", .array(unitValues(line))),
        ])
    }

    private func unitValues(_ line: Line) -> [JSONValue] {
        line.figures.units.enumerated().compactMap { number, unit in
            guard let unit else { return nil }
            let state = line.bus?.state(of: UnitIdentifier(rawValue: UInt8(number))) ?? "live"
            return .object(
                [.init("unit", .count(number)), .init("state", .string(state))]
                    + unit.outcomes.members + [
                        .init("lastReplySeconds", unit.lastReply.map { .seconds(now - $0) } ?? .null),
                        .init("replyTime", unit.replyTime.value),
                    ])
        }
    }

    private var clientValues: [JSONValue] {
        let others = clients.others.map { [(key: "others", value: $0)] } ?? []
        return (clients.clients.sorted { $0.key < $1.key } + others).map { address, figures in
            .object(
                [
                    .init("address", .string(address)),
                    .init("name", names.first { $0.address == address }.map { .string($0.name) } ?? .null),
                    .init("kind", figures.kind.map { .string($0.rawValue) } ?? .null),
                ] + figures.outcomes.members + [
                    .init("lastMinute", figures.recent.counts(at: now).value),
                    .init("lastRequestSeconds", .seconds(now - figures.lastRequest)),
                    .init("waitingTime", figures.waiting.value),
                ])
        }
    }

    private func listenerValue(_ listener: Listener) -> JSONValue {
        .object([
            .init("kind", .string(listener.kind)), .init("address", .string(listener.address)),
            .init("connections", listener.connections.map { .count($0) } ?? .null),
            .init("invalid", listener.invalid.map { .count($0) } ?? .null),
            .init("dropped", listener.dropped.map { .count($0) } ?? .null),
        ])
    }
}

extension BusStatus {
    fileprivate func state(of unit: UnitIdentifier) -> String {
        silentUnits.contains(unit) ? "silent" : liveUnits.contains(unit) ? "live" : "unknown"
    }
}

extension TimeFigures {
    fileprivate var value: JSONValue {
        .object([
            .init("meanMilliseconds", mean.map { .milliseconds($0) } ?? .null),
            .init("longestMilliseconds", count == 0 ? .null : .milliseconds(longest)),
        ])
    }
}

extension JSONValue {
    static func count(_ number: Int) -> JSONValue { .number("\(number)") }

    static func seconds(_ duration: Duration) -> JSONValue {
        .number("\(Double(duration.nanoseconds / 1_000_000) / 1000)")
    }

    fileprivate static func milliseconds(_ duration: Duration) -> JSONValue {
        .number("\(Double(duration.nanoseconds / 1000) / 1000)")
    }
}
