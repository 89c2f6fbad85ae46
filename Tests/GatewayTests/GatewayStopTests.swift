import Broker
import Modbus
import NIOCore
import Testing

@testable import Gateway

/// The end of a gateway: what waits is answered, what is on a line ends, and ports close last.
@Suite struct GatewayStopTests {
    private static let door = "127.0.0.1:1502"
    private static let yaml = """
        lines: [{name: house, endpoint: /dev/a, dongle: {endpoint: /dev/s}}]
        listeners: [{tcp: "\(door)"}]
        """

    private let bench: GatewayBench
    private let client: MemoryClient

    init() throws {
        bench = try GatewayBench.started(Self.yaml)
        client = try bench.connect(Self.door)
    }

    @Test func `stop answers what waits at once, and waits for the exchange on the line`() throws {
        let asked = [try client.read(1), try client.read(2)]
        bench.run(.milliseconds(20))
        let stop = bench.stop()
        #expect(asked.map(\.exception) == [nil, .gatewayPathUnavailable])
        #expect(bench.ports.news() == ["end \(Self.door)"], "nobody else may come in")
        #expect(!stop.isOver)
        #expect(try client.read(3).exception == .gatewayPathUnavailable)
        bench.run(.seconds(2))
        #expect(asked[0].answerer == "a")
        #expect(stop.isOver)
        #expect(!client.isConnected)
        #expect(bench.ports.news() == ["hang up \(Self.door)", "close /dev/a", "close /dev/s"])
    }

    @Test func `stop waits for a late reply that is still owed`() throws {
        try bench.ports.carrier("/dev/a").answers = false
        let asked = try client.read()
        bench.run(.milliseconds(20))
        let stop = bench.stop()
        bench.run(.milliseconds(500))
        #expect(!stop.isOver)
        bench.run(.nanoseconds(bench.gateway.longestStop.nanoseconds))
        #expect(stop.isOver)
        #expect(asked.exception == .gatewayTargetFailedToRespond)
    }

    @Test func `a port that does not close holds up the end for a second at most`() throws {
        bench.ports.closesSlowly = true
        let stop = bench.stop()
        bench.run(.milliseconds(900))
        #expect(!stop.isOver)
        bench.run(.milliseconds(200))
        #expect(stop.isOver)
        for place in ["/dev/a", "/dev/s"] { try bench.ports.carrier(place).finishClosing() }
    }

    @Test func `stop ends a reload, and what that has had`() throws {
        bench.ports.takesTime = true
        let reload = try bench.apply(
            """
            lines: [{name: house, endpoint: /dev/b}]
            listeners: [{tcp: "\(Self.door)"}, {tcp: "127.0.0.1:1503"}]
            """)
        let stop = bench.stop()
        bench.run(.seconds(1))
        #expect(stop.isOver)
        bench.ports.finishWork()
        #expect(reload.error == "the broker is stopping")
        #expect(try !bench.ports.listener("127.0.0.1:1503").isListening)
        #expect(try !bench.ports.carrier("/dev/a").isOpen)
        #expect(!bench.ports.news().contains("open /dev/b"))
    }

    @Test func `a stopping gateway takes no reload, also one that had to make room first`() throws {
        let stop = bench.stop()
        let reload = try bench.apply(
            "lines: [{name: house, endpoint: /dev/a}]\nlisteners: [{tcp: '0.0.0.0:1502'}]")
        #expect(reload.error == "the broker is stopping")
        bench.run(.seconds(1))
        #expect(stop.isOver)
        #expect(bench.ports.listeners.allSatisfy { !$0.isListening })
    }

    @Test func `what was told less often than it happened is told at the end`() throws {
        for _ in 0..<8 { try bench.ports.carrier("/dev/a").lose("hung up") }
        _ = bench.newLines()
        let stop = bench.stop()
        bench.run(.seconds(5))
        #expect(stop.isOver)
        #expect(bench.newLines() == ["house: /dev/a was gone 3 more times within a minute (last: hung up)"])
    }
}
