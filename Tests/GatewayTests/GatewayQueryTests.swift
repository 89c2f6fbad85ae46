import Broker
import Modbus
import NIOCore
import Testing
import Text

@testable import Gateway

/// A gateway that runs by one configuration: queries from a listener to a line and back.
@Suite struct GatewayQueryTests {
    private static let door = "127.0.0.1:1502"
    private static let one = """
        lines: [{name: house, endpoint: /dev/a}]
        listeners: [{tcp: "\(door)"}]
        """
    private static let two = """
        lines:
          - {name: house, endpoint: /dev/a}
          - {name: garage, endpoint: /dev/b, units: {11: 1}}
        listeners: [{tcp: "\(door)"}, {tcp: "127.0.0.1:1503", line: garage}]
        """
    private static let withDongle = """
        lines: [{name: house, endpoint: /dev/a, dongle: {endpoint: /dev/s}}]
        listeners: [{tcp: "\(door)"}]
        """

    @Test func `listeners listen before a port is opened, and each address is told`() throws {
        let bench = try GatewayBench(Self.two)
        let addresses = bench.start()
        #expect(addresses.value == [Self.door, "127.0.0.1:1503"])
        #expect(bench.ports.news() == ["listen \(Self.door)", "listen 127.0.0.1:1503", "open /dev/a", "open /dev/b"])
        #expect(bench.newLines() == ["house: /dev/a is open at 9600 8N1", "garage: /dev/b is open at 9600 8N1"])
    }

    @Test func `a start that cannot have a listener touches no port`() throws {
        let bench = try GatewayBench(Self.two)
        bench.ports.refused = ["127.0.0.1:1503"]
        let start = bench.start()
        #expect(start.error?.hasPrefix("cannot listen on 127.0.0.1:1503: ") == true)
        #expect(bench.ports.news() == ["listen \(Self.door)", "end \(Self.door)"])
        #expect(bench.stop().isOver)
    }

    @Test func `a query from a listener reaches the line and comes back`() throws {
        let bench = try GatewayBench.started(Self.one)
        let asked = try bench.connect(Self.door).read(7)
        bench.run(.milliseconds(30))
        #expect(asked.reply == nil)
        bench.run(.seconds(1))
        #expect(asked.answerer == "a")
        #expect(try bench.ports.carrier("/dev/a").asked == [7])
    }

    @Test func `a unit is asked at its own line by its own number, at a listener of one line too`() throws {
        let bench = try GatewayBench.started(Self.two)
        let client = try bench.connect(Self.door)
        let ofGarage = try bench.connect("127.0.0.1:1503")
        let asked = [try client.read(unit: 1), try client.read(unit: 11), try ofGarage.read(unit: 1)]
        bench.run(.seconds(3))
        #expect(asked.map(\.answerer) == ["a", "b", "b"])
        #expect(try bench.ports.carrier("/dev/b").frames.map(\.unit) == [1, 1])
    }

    @Test func `a port that is missing is told once, and its clients get 0x0A until it is there`() throws {
        let bench = try GatewayBench(Self.one)
        bench.ports.refused = ["/dev/a"]
        _ = bench.start()
        #expect(bench.newLines() == ["house: /dev/a: not there; trying again"])
        let client = try bench.connect(Self.door)
        let early = try client.read()
        #expect(early.exception == .gatewayPathUnavailable)
        bench.ports.refused = []
        try bench.ports.carrier("/dev/a").open()
        let asked = try client.read()
        bench.run(.seconds(1))
        #expect(asked.answerer == "a")
        #expect(bench.newLines() == ["house: /dev/a is open at 9600 8N1"])
    }

    @Test func `a port that hangs up is told, and what is on the line gets its answer`() throws {
        let bench = try GatewayBench.started(Self.one)
        let asked = try bench.connect(Self.door).read()
        bench.run(.milliseconds(20))
        try bench.ports.carrier("/dev/a").lose("hung up")
        bench.run(.seconds(5))
        #expect(asked.exception == .gatewayPathUnavailable)
        #expect(bench.newLines() == ["house: /dev/a is gone (hung up); trying again"])
        #expect(bench.status["lines"][0]["state"] == .string("closed"))
        #expect(bench.status["lines"][0]["reason"] == .string("hung up"))
    }

    @Test func `a write where only reads are allowed is refused, and told once a minute`() throws {
        let yaml = """
            lines: [{name: house, endpoint: /dev/a}]
            listeners: [{tcp: "\(Self.door)", read-only: true}]
            """
        let bench = try GatewayBench.started(yaml)
        let client = try bench.connect(Self.door)
        for _ in 0..<3 { #expect(try client.write(3).exception == .illegalFunction) }
        let told = "refused: \(Self.door): a write, for it is read-only"
        #expect(bench.newLines() == ["\(told) (192.168.1.10)"])
        bench.run(.seconds(60))
        #expect(bench.newLines() == ["\(told), 2 more within a minute (last 192.168.1.10)"])
        #expect(try bench.ports.carrier("/dev/a").written.isEmpty)
    }

    @Test func `a client of an address that may not come in is told and counted`() throws {
        let bench = try GatewayBench.started(Self.one + "\nclients: {allow: [192.168.1.10]}")
        #expect(try bench.ports.listener(Self.door).connect(from: "192.168.1.11") == nil)
        #expect(try bench.ports.listener(Self.door).connect(from: "192.168.1.10") != nil)
        #expect(bench.newLines() == ["refused: a client whose address may not come in (192.168.1.11)"])
        #expect(bench.status["refused"]["address"].integer == 1)
    }

    @Test func `who asks more often than the rate is answered later`() throws {
        let bench = try GatewayBench.started(Self.one + "\nclients: {rate: 1}")
        let client = try bench.connect(Self.door)
        let asked = [try client.read(1), try client.read(2)]
        bench.run(.milliseconds(900))
        #expect(asked.map(\.answerer) == ["a", nil])
        bench.run(.milliseconds(1000))
        #expect(asked.map(\.answerer) == ["a", "a"])
    }

    @Test func `the dongle at its port is a client of its line`() throws {
        let bench = try GatewayBench(Self.withDongle)
        _ = bench.start()
        #expect(bench.newLines().contains("shine: /dev/s is open at 9600 8N1"))
        let dongle = try bench.ports.carrier("/dev/s")
        let request = RTUFrame(unit: 1, pdu: PDU(read: .readInputRegisters, address: 0, quantity: 2))
        dongle.receive(request.bytes)
        bench.run(.seconds(2))
        #expect(dongle.frames.map(\.pdu) == [PDU(registers: [97, 97], replyTo: .readInputRegisters)])
        #expect(
            bench.newEvents().contains {
                if case .request(let query) = $0 { query.client.name == "SHINE" } else { false }
            })
    }

    @Test func `a firmware update by the dongle is refused, and told at each doubling`() throws {
        let bench = try GatewayBench.started(Self.withDongle)
        let dongle = try bench.ports.carrier("/dev/s")
        let request = RTUFrame(unit: 1, pdu: PDU(write: .writeSingleRegister, address: 31, value: 1))
        for _ in 0..<5 {
            dongle.receive(request.bytes)
            bench.run(.seconds(5))
        }
        #expect(dongle.frames.allSatisfy { $0.pdu.exceptionCode == .illegalDataAddress })
        let lines = bench.newLines()
        #expect(lines.count == 3 && lines.allSatisfy { $0.hasPrefix("firmware update refused: SHINE wants to write") })
        #expect(lines.last?.hasSuffix("(refused so far: 4)") == true)
        #expect(bench.status["lines"][0]["firmwareWritesRefused"].integer == 5)
        #expect(try bench.ports.carrier("/dev/a").written.isEmpty)
    }

    @Test func `polls are asked once a second from when the port is open`() throws {
        let yaml =
            "lines: [{name: house, endpoint: /dev/a, poll: 'holding:5-6', min-period: 0}]\nlisteners: [{tcp: '\(Self.door)'}]"
        let bench = try GatewayBench(yaml)
        bench.ports.refused = ["/dev/a"]
        _ = bench.start()
        bench.run(.seconds(3))
        #expect(bench.newEvents().isEmpty)
        bench.ports.refused = []
        try bench.ports.carrier("/dev/a").open()
        bench.run(.milliseconds(2500))
        #expect(try bench.ports.carrier("/dev/a").asked == [5, 5, 5])
        let values = bench.newEvents().compactMap { event -> UInt16? in
            guard case .finished(let exchange, _) = event, case .success(let reply) = exchange.result else {
                return nil
            }
            return reply.pdu.word(at: 2)
        }
        #expect(values == [97, 97, 97])
    }

    @Test func `simulated units answer without a port, by their faults too`() throws {
        let yaml = """
            lines:
              - {name: demo, dataset: {name: min-6000tl-xh}, poll: dataset}
              - {name: bad, dataset: {name: min-6000tl-xh}, units: {9: 1}, faults: exception code 4}
            listeners: [{tcp: "\(Self.door)"}]
            """
        let bench = try GatewayBench.started(yaml)
        let client = try bench.connect(Self.door)
        let asked = try client.read(0, unit: 1)
        let bad = try client.read(0, unit: 9)
        bench.run(.seconds(1))
        #expect(asked.reply?.exceptionCode == nil && asked.reply != nil)
        #expect(bad.exception == .serverDeviceFailure)
        #expect(bench.status["lines"][0]["state"] == .string("simulated"))
        #expect(
            bench.newEvents().contains {
                if case .request(let query) = $0 { query.client.kind == .background } else { false }
            })
        #expect(bench.ports.carriers.isEmpty)
    }
}
