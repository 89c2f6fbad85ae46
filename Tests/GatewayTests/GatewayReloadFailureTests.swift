import Broker
import Modbus
import NIOCore
import Testing

@testable import Gateway

/// Reloads that come to nothing: nothing is different afterwards.
@Suite struct GatewayReloadFailureTests {
    private static let door = "127.0.0.1:1502"
    private static let other = "127.0.0.1:1503"
    private static let port = "/tmp/port"
    private static let one = """
        lines: [{name: house, endpoint: /dev/a}]
        listeners: [{tcp: "\(door)"}, {pty: \(port)}]
        """

    private let bench: GatewayBench
    private let client: MemoryClient

    init() throws {
        bench = try GatewayBench.started(Self.one)
        client = try bench.connect(Self.door)
    }

    /// Nothing was opened or closed, and who is connected is answered.
    private func expectNothingChanged(_ news: [String] = []) throws {
        #expect(bench.ports.news() == news)
        #expect(client.isConnected)
        let write = try client.write(3)
        bench.run(.seconds(5))
        #expect(write.reply != nil && write.exception == nil)
        #expect(bench.gateway.lines.map(\.line.name) == ["house"])
        #expect(bench.gateway.listeners.addresses == [Self.door, "pty \(Self.port)"])
    }

    @Test func `a listener that cannot be had changes nothing, and those that were had for it are let go`() throws {
        bench.ports.refused = [Self.other]
        let reload = try bench.apply(
            """
            lines: [{name: house, endpoint: /dev/b}, {name: garage, endpoint: /dev/c, units: {11: 1}}]
            listeners: [{tcp: "\(Self.door)", read-only: true}, {tcp: "127.0.0.1:1504"}, {tcp: "\(Self.other)"}]
            """)
        #expect(reload.error?.hasPrefix("cannot listen on \(Self.other): ") == true)
        try expectNothingChanged(["listen 127.0.0.1:1504", "end 127.0.0.1:1504"])
    }

    @Test func `who came in at a listener that came to nothing is hung up`() throws {
        bench.ports.takesTime = true
        bench.ports.refused = [Self.other]
        let reload = try bench.apply(
            """
            lines: [{name: house, endpoint: /dev/a}]
            listeners: [{tcp: "\(Self.door)"}, {tcp: "127.0.0.1:1504"}, {tcp: "\(Self.other)"}, {pty: \(Self.port)}]
            """)
        bench.ports.finishOne()
        let early = try bench.connect("127.0.0.1:1504")
        bench.ports.finishWork()
        #expect(reload.error != nil)
        #expect(!early.isConnected)
        try expectNothingChanged(["listen 127.0.0.1:1504", "end 127.0.0.1:1504", "hang up 127.0.0.1:1504"])
    }

    @Test func `a listener that made room for one that cannot be had listens again`() throws {
        bench.ports.refused = ["0.0.0.0:1502"]
        let reload = try bench.apply(
            """
            lines: [{name: house, endpoint: /dev/a}]
            listeners: [{tcp: "0.0.0.0:1502"}, {pty: \(Self.port)}]
            """)
        #expect(reload.error?.hasPrefix("cannot listen on 0.0.0.0:1502: ") == true)
        try expectNothingChanged(["end \(Self.door)", "listen \(Self.door)"])
        #expect(try bench.ports.listener(Self.door).connect(from: "192.168.1.11") != nil)
    }

    @Test func `a listener that made room and cannot be had again is told with the error`() throws {
        bench.ports.refused = ["0.0.0.0:1502", Self.door]
        let reload = try bench.apply(
            """
            lines: [{name: house, endpoint: /dev/a}]
            listeners: [{tcp: "0.0.0.0:1502"}, {pty: \(Self.port)}]
            """)
        let error = try #require(reload.error)
        #expect(error.contains("cannot listen on 0.0.0.0:1502: "))
        #expect(error.contains("; and what was stopped for it is lost: cannot listen on \(Self.door): "))
    }

    @Test func `a name that cannot be had changes nothing, and names that were had for it are given back`() throws {
        let listener = try bench.ports.listener(Self.port)
        bench.ports.refused = ["/tmp/taken"]
        let reload = try bench.apply(
            """
            lines:
              - {name: house, endpoint: /dev/a}
              - {name: demo, dataset: {name: min-6000tl-xh}, units: {9: 1}}
              - {name: more, dataset: {name: min-6000tl-xh}, units: {8: 1}}
            listeners: [{tcp: "\(Self.door)"}, {pty: \(Self.port), line: demo}, {pty: /tmp/taken, line: more}]
            """)
        #expect(reload.error == "/tmp/taken: the name is taken")
        #expect(bench.ports.holder(of: Self.port) === listener)
        try expectNothingChanged()
        #expect(try client.read(unit: 9).exception == nil, "unit 9 is still one of the only line")
    }

    @Test func `names of simulated units are given back too`() throws {
        let demo = """
            lines: [{name: demo, dataset: {name: min-6000tl-xh}}]
            listeners: [{tcp: "\(Self.door)"}, {pty: \(Self.port)}]
            """
        _ = try bench.apply(demo)
        let end = try #require(bench.ports.holder(of: Self.port))
        bench.ports.refused = ["/tmp/taken"]
        let reload = try bench.apply(
            """
            lines:
              - {name: other, dataset: {name: min-6000tl-xh}}
              - {name: more, dataset: {name: min-6000tl-xh}, units: {8: 1}}
            listeners: [{tcp: "\(Self.door)"}, {pty: \(Self.port), line: other}, {pty: /tmp/taken, line: more}]
            """)
        #expect(reload.error == "/tmp/taken: the name is taken")
        #expect(bench.ports.holder(of: Self.port) === end)
    }

    @Test func `a file that cannot be read changes nothing, and the operator is told`() throws {
        let reload = bench.reload(
            """
            lines: [{name: house, dataset: {name: /none/at/all.json}}]
            listeners: [{tcp: "\(Self.door)"}]
            """)
        #expect(reload.error?.contains("/none/at/all.json") == true)
        #expect(bench.newLines().map { $0.hasPrefix("not reloaded, everything stays as it is: ") } == [true])
        try expectNothingChanged()
    }

    @Test func `a reload after one that failed is done`() throws {
        bench.ports.refused = [Self.other]
        let yaml = "lines: [{name: house, endpoint: /dev/a}]\nlisteners: [{tcp: '\(Self.other)'}]"
        #expect(bench.reload(yaml).error != nil)
        bench.ports.refused = []
        #expect(bench.reload(yaml).value?.contains("listener +\(Self.other)") == true)
        #expect(bench.newLines().last?.hasPrefix("reloaded: ") == true)
    }
}
