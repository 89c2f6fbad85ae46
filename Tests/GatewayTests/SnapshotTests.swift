import Modbus
import NIOCore
import Testing
import Text

@testable import Gateway

/// What `status` tells, written and read by one table.
@Suite struct SnapshotTests {
    /// One in which nothing is nil, and no two values are alike.
    private static let full: Snapshot = {
        var numbers = Numbers()
        var snapshot = Snapshot()
        (snapshot.version, snapshot.uptime, snapshot.logLevel) = ("0.2.0", .milliseconds(1_234_567), "info")
        snapshot.lines = [numbers.line("house"), numbers.line("garage")]
        var listener = Snapshot.Listener()
        (listener.kind, listener.address) = ("tcp", "0.0.0.0:502")
        (listener.connections, listener.invalid, listener.dropped) = (numbers.next(), numbers.next(), numbers.next())
        snapshot.listeners = [listener]
        let refused: [WritableKeyPath<Snapshot.Refused, Int?>] = [
            \.address, \.perAddress, \.full, \.descriptors, \.reflected, \.handshake, \.rate,
        ]
        for path in refused { snapshot.refused[keyPath: path] = numbers.next() }
        var client = Snapshot.Client()
        (client.address, client.name, client.kind) = ("10.0.0.1", "pv", "udp")
        (client.outcomes, client.lastMinute) = (numbers.outcomes(), numbers.recent())
        (client.lastRequest, client.waitingTime) = (.milliseconds(numbers.next()), numbers.times())
        snapshot.clients = [client]
        (snapshot.lost.log, snapshot.lost.capture) = (numbers.next(), numbers.next())
        return snapshot
    }()

    @Test func `what is written is read as the same, and no key is missing`() throws {
        let json = try JSONReader.value(of: Array(Self.full.json.line.utf8))
        var missing: [String] = []
        let read = Snapshot(json, missing: &missing)
        #expect(read == Self.full)
        #expect(missing == [])
        #expect(!json.line.contains("null"), "a value of the full snapshot is not set")
    }

    @Test func `a key of an older broker that is not there is named, and its value is nil`() throws {
        func without(_ key: String, _ value: JSONValue) -> JSONValue {
            switch value {
            case .object(let members):
                .object(members.filter { $0.key != key }.map { .init($0.key, without(key, $0.value)) })
            case .array(let values): .array(values.map { without(key, $0) })
            default: value
            }
        }
        var missing: [String] = []
        let read = Snapshot(without("asleep", Self.full.json), missing: &missing)
        let units = ["lines[0].units[0].asleep", "lines[1].units[0].asleep"]
        #expect(missing == units + ["clients[0].asleep"])
        #expect(read.clients.first?.outcomes.asleep == nil && read.clients.first?.outcomes.busy != nil)
        missing = []
        let withoutLines = Snapshot(without("lines", Self.full.json), missing: &missing)
        #expect(withoutLines.lines.isEmpty)
        #expect(missing == ["lines"])
    }

    @Test func `null is a value that there is not, and what a newer broker adds is ignored`() throws {
        guard case .object(let members) = Snapshot.Lost().json else { return }
        var missing: [String] = []
        let newer = Snapshot.Lost(.object(members + [.init("blocks", .array([]))]), missing: &missing)
        #expect(newer == Snapshot.Lost())
        #expect(missing == [])
        let other = JSONValue.object([.init("log", .string("many")), .init("capture", .number("3"))])
        let strange = Snapshot.Lost(other, missing: &missing)
        #expect(strange.capture == 3)
        #expect(missing == ["log"])
    }

    @Test func `the reply to passthrough is written and read alike`() {
        var (reply, numbers) = (PassthroughReply(), Numbers())
        (reply.passthrough, reply.notes) = (numbers.passthrough(), ["no wire log is written"])
        var missing: [String] = []
        let read = PassthroughReply(reply.json, missing: &missing)
        #expect(read == reply)
        reply.passthrough = nil
        let ended = PassthroughReply(reply.json, missing: &missing)
        #expect(ended == reply)
        #expect(missing == [])
    }

    @Test func `a running gateway tells every member`() throws {
        let bench = try GatewayBench.started(
            """
            lines: [{name: house, endpoint: /dev/a}, {name: demo, dataset: {name: min-6000tl-xh}, units: {9: 1}}]
            listeners: [{tcp: "127.0.0.1:1502"}]
            """)
        let client = try bench.connect("127.0.0.1:1502")
        _ = (try client.read(), try client.read(0, unit: 9))
        bench.run(.seconds(2))
        var missing: [String] = []
        let snapshot = Snapshot(bench.status, missing: &missing)
        #expect(missing == [])
        #expect(snapshot.lines.map { $0.units.count } == [1, 1] && snapshot.clients.count == 1)
        #expect(snapshot == bench.control.figures.snapshot)
    }

    @Test func `who asks within 100 ms gets the same figures, and later others`() throws {
        let bench = try GatewayBench.started(
            "lines: [{name: house, endpoint: /dev/a}]\nlisteners: [{tcp: '127.0.0.1:1502'}]")
        let first = bench.control.sharedFigures.now
        bench.run(.milliseconds(99))
        #expect(bench.control.sharedFigures.now == first)
        bench.run(.milliseconds(1))
        #expect(bench.control.sharedFigures.now != first)
    }
}

/// Values that differ from each other.
private struct Numbers {
    private var last = 0

    mutating func next() -> Int {
        last += 1
        return last
    }

    mutating func line(_ name: String) -> Snapshot.Line {
        var line = Snapshot.Line()
        (line.name, line.endpoint, line.state, line.reason) = (name, "/dev/\(name)", "open", "hung up")
        (line.passthrough, line.since) = (passthrough(), .seconds(next()))
        let counts: [WritableKeyPath<Snapshot.Line, Int?>] = [
            \.waiting, \.queueLimit, \.retries, \.failedAttempts, \.foreignFrames, \.lateReplies, \.noiseBytes,
            \.firmwareWritesRefused,
        ]
        for path in counts { line[keyPath: path] = next() }
        line.lastMinute = recent()
        var unit = Snapshot.Unit()
        (unit.unit, unit.state, unit.outcomes) = (next(), "live", outcomes())
        (unit.lastReply, unit.replyTime) = (.milliseconds(next()), times())
        line.units = [unit]
        return line
    }

    mutating func passthrough() -> Snapshot.Passthrough {
        var passthrough = Snapshot.Passthrough()
        passthrough.phase = "joined"
        (passthrough.since, passthrough.left) = (.seconds(next()), .seconds(next()))
        passthrough.updateByte = .milliseconds(next())
        (passthrough.dongleBytes, passthrough.inverterBytes) = (next(), next())
        passthrough.lostBytes = next()
        return passthrough
    }

    mutating func outcomes() -> Snapshot.Outcomes {
        var outcomes = Snapshot.Outcomes()
        let counts: [WritableKeyPath<Snapshot.Outcomes, Int?>] = [
            \.answered, \.exceptions, \.timeouts, \.notSent, \.asleep, \.refused, \.busy, \.unavailable,
        ]
        for path in counts { outcomes[keyPath: path] = next() }
        return outcomes
    }

    mutating func recent() -> Snapshot.Recent {
        var recent = Snapshot.Recent()
        (recent.answered, recent.exceptions, recent.failed) = (next(), next(), next())
        return recent
    }

    mutating func times() -> Snapshot.Times {
        var times = Snapshot.Times()
        (times.mean, times.longest) = (.microseconds(next()), .microseconds(next()))
        return times
    }
}
