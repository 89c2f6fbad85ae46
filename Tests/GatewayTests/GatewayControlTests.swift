import Broker
import Modbus
import NIOCore
import Settings
import Testing
import Text

@testable import Gateway

/// What a running gateway is asked and told.
@Suite struct GatewayControlTests {
    private static let door = "127.0.0.1:1502"
    private static let one = """
        lines: [{name: house, endpoint: /dev/a}]
        listeners: [{tcp: "\(door)"}]
        """
    private static let two = """
        lines:
          - {name: house, endpoint: /dev/a}
          - {name: demo, dataset: {name: min-6000tl-xh}, units: {9: 1}}
        listeners: [{tcp: "\(door)"}, {rtu-tcp: "127.0.0.1:1503"}]
        clients: {names: {192.168.1.10: pv}}
        """

    @Test func `status has the lines and listeners of a reload, and figures of lines that stay`() throws {
        let bench = try GatewayBench.started(Self.one)
        let client = try bench.connect(Self.door)
        _ = try client.read()
        bench.run(.seconds(2))
        #expect(bench.reload(Self.two).value?.contains("+line demo") == true)
        let status = bench.status
        #expect(status["lines"].count == 2)
        let (house, demo) = (status["lines"][0], status["lines"][1])
        #expect(house["name"] == .string("house") && house["endpoint"] == .string("/dev/a 9600 8N1"))
        #expect(house["state"] == .string("open") && house["units"][0]["unit"].integer == 1)
        #expect(demo["name"] == .string("demo") && demo["endpoint"] == .string("dataset min-6000tl-xh"))
        #expect(demo["state"] == .string("simulated") && demo["queueLimit"] == .null)
        #expect(status["listeners"].count == 2)
        #expect(status["listeners"][0]["address"] == .string(Self.door))
        #expect(status["listeners"][0]["connections"].integer == 1)
        #expect(status["listeners"][1]["kind"] == .string("rtu-tcp"))
        #expect(status["clients"][0]["address"] == .string("192.168.1.10"))
        #expect(status["clients"][0]["name"] == .string("pv"))
        #expect(bench.reload(Self.one).value?.contains("-line demo") == true)
        #expect(bench.status["lines"].count == 1 && bench.status["listeners"].count == 1)
    }

    @Test func `a reload is told with what has changed, or that nothing has`() throws {
        let bench = try GatewayBench.started(Self.one)
        #expect(bench.reload(Self.one).value == [])
        #expect(bench.newLines() == ["reloaded: nothing changed"])
        #expect(bench.reload(Self.one + "\nclients: {rate: 5}").value == ["clients"])
        #expect(bench.newLines() == ["reloaded: clients"])
    }

    @Test func `one reload is done after the other`() throws {
        let bench = try GatewayBench.started(Self.one)
        bench.ports.takesTime = true
        let first = bench.reload(Self.two)
        let second = bench.reload(Self.one)
        while !first.isOver {
            #expect(!second.isOver)
            bench.ports.finishOne()
        }
        bench.ports.finishWork()
        #expect(second.isOver)
        let told = bench.newLines().filter { $0.hasPrefix("reloaded: ") }
        #expect(told.count == 2)
        #expect(bench.status["lines"].count == 1)
    }

    @Test func `the level of messages is told and set, by command and by reload`() throws {
        let bench = try GatewayBench.started(Self.one)
        func level(_ reply: ControlReply?) -> JSONValue {
            if case .result(let value)? = reply { value["level"] } else { .null }
        }
        #expect(level(bench.ask(.logLevel(nil))) == .string("info"))
        #expect(level(bench.ask(.logLevel(.warning))) == .string("warning"))
        #expect(bench.status["logLevel"] == .string("warning"))
        #expect(bench.reload(Self.one + "\nlog: {level: error}").value == ["log level"])
        #expect(level(bench.ask(.logLevel(nil))) == .string("error"))
    }

    @Test func `a warning of the configuration is told when a reload brings it`() throws {
        let bench = try GatewayBench.started(Self.one)
        let open = "lines: [{name: house, endpoint: /dev/a}]\nlisteners: [{tcp: '0.0.0.0:1503'}]"
        for _ in 0..<2 { #expect(bench.reload(open).isOver) }
        let warnings = bench.newLines().filter { $0.contains("everybody who reaches it may write") }
        #expect(warnings.count == 1)
    }
}
