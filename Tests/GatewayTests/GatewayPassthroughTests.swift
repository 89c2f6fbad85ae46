import Broker
import Modbus
import NIOCore
import Testing
import Text

@testable import Gateway

/// Passthrough and what else happens meanwhile: reloads, clients, the end of the gateway.
@Suite struct GatewayPassthroughTests {
    private static let door = "127.0.0.1:1502"
    private static let house = "{name: house, endpoint: /dev/a, dongle: {endpoint: /dev/s}}"

    private static func yaml(_ lines: String..., listeners: String = "{tcp: '\(door)'}") -> String {
        "lines: [\(lines.joined(separator: ", "))]\nlisteners: [\(listeners)]"
    }

    private func started(_ lines: String...) throws -> GatewayBench {
        try GatewayBench.started("lines: [\(lines.joined(separator: ", "))]\nlisteners: [{tcp: '\(Self.door)'}]")
    }

    /// One that has joined both ports.
    private func joined() throws -> GatewayBench {
        let bench = try started(Self.house)
        #expect(refusal(bench.ask(.passthrough(minutes: 20))) == nil)
        bench.run(.seconds(3))
        _ = bench.newEvents()
        return bench
    }

    private func refusal(_ reply: ControlReply?) -> String? {
        if case .failure(let reason)? = reply { reason } else { nil }
    }

    @Test func `the dongle and the line are joined, and the operator is told`() throws {
        let bench = try started(Self.house)
        guard case .result(let result)? = bench.ask(.passthrough(minutes: 20)) else {
            Issue.record("it is refused")
            return
        }
        #expect(result["notes"][0] == .string("no wire log is written (--log): its bytes are kept nowhere"))
        bench.run(.seconds(3))
        let lines = bench.newLines()
        #expect(lines.first?.hasPrefix("passthrough for 20 minutes: the dongle gets the line for itself") == true)
        #expect(lines.last == "passthrough: the dongle and the line are joined")
        #expect(bench.status["lines"][0]["state"] == .string("passthrough"))
        let (line, dongle) = (try bench.ports.carrier("/dev/a"), try bench.ports.carrier("/dev/s"))
        dongle.receive([1, 2, 3])
        line.receive([4, 5])
        #expect(line.written.last == [1, 2, 3])
        #expect(dongle.written.last == [4, 5])
        #expect(try bench.connect(Self.door).read().exception == .gatewayPathUnavailable)
    }

    @Test func `it ends by a command, and the line is there for all again`() throws {
        let bench = try joined()
        #expect(refusal(bench.ask(.passthrough(minutes: nil))) == nil)
        bench.run(.seconds(5))
        #expect(
            bench.newLines().last == "passthrough: ended (command); 0 bytes of the dongle, 0 of the inverter, 0 lost")
        let asked = try bench.connect(Self.door).read()
        bench.run(.seconds(2))
        #expect(asked.answerer == "a")
        #expect(refusal(bench.ask(.passthrough(minutes: nil))) == "no passthrough is on")
    }

    @Test func `one that is on is prolonged, and ends when its time is over`() throws {
        let bench = try joined()
        bench.run(.minutes(15))
        #expect(refusal(bench.ask(.passthrough(minutes: 10))) == nil)
        #expect(bench.newLines().last == "passthrough: goes on for 10 minutes from now")
        bench.run(.minutes(9))
        #expect(bench.status["lines"][0]["state"] == .string("passthrough"))
        bench.run(.minutes(2))
        #expect(bench.status["lines"][0]["state"] == .string("open"))
        #expect(bench.newLines().last?.hasPrefix("passthrough: ended (time)") == true)
    }

    @Test func `bytes for a port that is not there are lost, told once, and counted`() throws {
        let bench = try joined()
        try bench.ports.carrier("/dev/a").lose("hung up")
        _ = bench.newLines()
        for _ in 0..<2 { try bench.ports.carrier("/dev/s").receive([1, 2, 3]) }
        #expect(
            bench.newLines() == [
                "passthrough: bytes are lost, for the line's port is not there; it goes on all the same"
            ])
        #expect(bench.status["lines"][0]["passthrough"]["lostBytes"].integer == 6)
    }

    @Test(
        arguments: [
            ("{name: demo, dataset: {name: min-6000tl-xh}}", "there is no line for a passthrough: demo is simulated"),
            (
                "{name: house, endpoint: /dev/a}",
                "there is no dongle for a passthrough; its port is to be named in the configuration (--shine)"
            ),
            (
                "{name: house, endpoint: 'tcp://10.0.0.5', dongle: {endpoint: /dev/s}}",
                "tcp://10.0.0.5:502 carries Modbus frames only, and an update has other bytes"
            ),
            (
                "{name: house, endpoint: /dev/a, local-echo: true, dongle: {endpoint: /dev/s}}",
                "the adapter at /dev/a hears what it transmits, and a passthrough would give that to the dongle"
            ),
        ])
    func `what can carry no update is refused`(line: String, reason: String) throws {
        let bench = try started(line)
        #expect(refusal(bench.ask(.passthrough(minutes: 20))) == reason)
        #expect(bench.newLines() == [])
    }

    @Test func `among several lines one with a dongle has to be named, unless it is the only one`() throws {
        let garage = "{name: garage, endpoint: /dev/b, units: {11: 1}, dongle: {endpoint: /dev/t}}"
        let bench = try started(Self.house, garage)
        #expect(refusal(bench.ask(.passthrough(minutes: 20)))?.hasPrefix("there is more than one dongle") == true)
        #expect(refusal(bench.ask(.passthrough(minutes: 20, line: "cellar")))?.hasPrefix("line \"cellar\"") == true)
        #expect(refusal(bench.ask(.passthrough(minutes: 20, line: "garage"))) == nil)
        bench.run(.seconds(2))
        #expect(bench.status["lines"][1]["state"] == .string("passthrough"))
        #expect(refusal(bench.ask(.passthrough(minutes: nil))) == nil, "only one is on")
    }

    @Test(
        arguments: [
            ("{name: house, endpoint: /dev/b, dongle: {endpoint: /dev/s}}", "the line"),
            ("{name: other, endpoint: /dev/a, dongle: {endpoint: /dev/s}}", "the line"),
            ("{name: house, endpoint: /dev/a, dongle: {endpoint: /dev/t}}", "the dongle's port"),
            ("{name: house, endpoint: /dev/a}", "the dongle's port"),
        ])
    func `a reload that would touch its ports is refused before anything is done`(line: String, what: String) throws {
        let bench = try joined()
        _ = (bench.newLines(), bench.ports.news())
        let reload = try bench.apply(Self.yaml(line, listeners: "{tcp: '127.0.0.1:1503'}"))
        #expect(reload.error?.hasPrefix("\(what) would change while passthrough is on; ") == true)
        #expect(bench.ports.news() == [])
        bench.run(.seconds(5))
        #expect(bench.status["lines"][0]["state"] == .string("passthrough"))
    }

    @Test func `a reload of something else is done, and both ports stay joined`() throws {
        let bench = try joined()
        let garage = "{name: garage, endpoint: /dev/b, units: {11: 1}}"
        let reload = try bench.apply(Self.yaml(Self.house, garage, listeners: "{tcp: '127.0.0.1:1503'}"))
        #expect(reload.value?.contains("+line garage") == true)
        try bench.ports.carrier("/dev/s").receive([1, 2, 3])
        #expect(try bench.ports.carrier("/dev/a").written.last == [1, 2, 3])
    }

    /// The name of a dongle says whether its line is the first, and another name is another session.
    @Test func `a reload that only gives its dongle another name is refused as well`() throws {
        let bench = try joined()
        let garage = "{name: garage, endpoint: /dev/b, units: {11: 1}}"
        let reload = try bench.apply(Self.yaml(garage, Self.house))
        #expect(reload.error?.hasPrefix("the dongle's port would change while passthrough is on; ") == true)
        #expect(try bench.ports.carrier("/dev/s").isOpen)
        try bench.ports.carrier("/dev/s").receive([1, 2, 3])
        #expect(try bench.ports.carrier("/dev/a").written.last == [1, 2, 3])
    }

    @Test func `a reload that is under way refuses a passthrough`() throws {
        let bench = try started(Self.house)
        bench.ports.takesTime = true
        let reload = try bench.apply(Self.yaml(Self.house, listeners: "{tcp: '127.0.0.1:1503'}"))
        #expect(refusal(bench.ask(.passthrough(minutes: 20))) == "a reload is under way; try again")
        bench.ports.finishWork()
        #expect(reload.value != nil)
        #expect(refusal(bench.ask(.passthrough(minutes: 20))) == nil)
    }

    @Test func `stop ends it at once, and a stopping gateway begins none`() throws {
        let bench = try joined()
        _ = bench.newLines()
        let stop = bench.stop()
        #expect(bench.newLines().first?.hasPrefix("passthrough: ended (stopping)") == true)
        #expect(refusal(bench.ask(.passthrough(minutes: 20))) == "the broker is stopping")
        bench.run(.seconds(2))
        #expect(stop.isOver)
    }
}
