import Broker
import Modbus
import NIOCore
import Testing

@testable import Gateway

/// A gateway that goes on by another configuration while clients ask.
@Suite struct GatewayReloadTests {
    private static let door = "127.0.0.1:1502"

    private static func yaml(_ lines: String..., listeners: String = "{tcp: '\(door)'}") -> String {
        "lines: [\(lines.joined(separator: ", "))]\nlisteners: [\(listeners)]"
    }

    private static let house = "{name: house, endpoint: /dev/a}"
    private static let garage = "{name: garage, endpoint: /dev/b, units: {11: 1}}"
    private static let one = yaml(house)
    private static let both = yaml(house, garage)

    @Test func `a reload of the same touches nothing`() throws {
        let bench = try GatewayBench.started(Self.both)
        let client = try bench.connect(Self.door)
        let asked = try client.read()
        let reload = try bench.apply(Self.both)
        #expect(reload.value == [])
        #expect(bench.ports.news() == [])
        bench.run(.seconds(1))
        #expect(asked.answerer == "a")
        #expect(client.isConnected)
    }

    @Test func `a new listener listens before the one that goes has closed, and its clients are hung up`() throws {
        let bench = try GatewayBench.started(Self.one)
        let client = try bench.connect(Self.door)
        let reload = try bench.apply(Self.yaml(Self.house, listeners: "{tcp: '127.0.0.1:1503'}"))
        #expect(reload.value == ["listener +127.0.0.1:1503", "listener -\(Self.door)"])
        #expect(bench.ports.news() == ["listen 127.0.0.1:1503", "end \(Self.door)", "hang up \(Self.door)"])
        #expect(!client.isConnected)
        let asked = try bench.connect("127.0.0.1:1503").read()
        bench.run(.seconds(1))
        #expect(asked.answerer == "a")
    }

    @Test func `a listener that is bound and not committed reaches nothing`() throws {
        let bench = try GatewayBench.started(Self.one)
        bench.ports.takesTime = true
        let here = "{tcp: '\(Self.door)'}, {tcp: '127.0.0.1:1503'}, {tcp: '127.0.0.1:1504'}"
        let reload = try bench.apply(Self.yaml(Self.house, listeners: here))
        bench.ports.takesTime = false
        // The first of two is there.
        bench.ports.finishOne()
        let early = try bench.connect("127.0.0.1:1503")
        #expect(try early.read().exception == .gatewayPathUnavailable)
        #expect(!reload.isOver)
        bench.ports.finishWork()
        #expect(reload.value == ["listener +127.0.0.1:1503", "listener +127.0.0.1:1504"])
        let asked = try early.read()
        bench.run(.seconds(1))
        #expect(asked.answerer == "a")
    }

    @Test func `a listener's rights hold from the next request on, for clients that are there too`() throws {
        let bench = try GatewayBench.started(Self.one)
        let client = try bench.connect(Self.door)
        let before = try client.write(3)
        let reload = try bench.apply(Self.yaml(Self.house, listeners: "{tcp: '\(Self.door)', read-only: true}"))
        #expect(reload.value == ["listener settings of \(Self.door)"])
        #expect(try client.write(4).exception == .illegalFunction)
        bench.run(.seconds(3))
        #expect(before.reply != nil && before.exception == nil)
        #expect(try bench.ports.carrier("/dev/a").asked.contains(3))
    }

    @Test func `a new line is reached at once, and the others do not notice`() throws {
        let bench = try GatewayBench.started(Self.one)
        let client = try bench.connect(Self.door)
        let first = try client.read(unit: 1)
        #expect(try client.read(unit: 11).exception == nil)
        let reload = try bench.apply(Self.both)
        #expect(reload.value == ["+line garage"])
        #expect(bench.ports.news() == ["open /dev/b"])
        let second = try client.read(unit: 11)
        bench.run(.seconds(3))
        #expect(first.answerer == "a")
        #expect(second.answerer == "b")
    }

    @Test func `two lines that swap their ports open when both are closed`() throws {
        let bench = try GatewayBench.started(Self.both)
        bench.ports.closesSlowly = true
        let olds = [try bench.ports.carrier("/dev/a"), try bench.ports.carrier("/dev/b")]
        let client = try bench.connect(Self.door)
        let before = try client.read(unit: 1)
        bench.run(.milliseconds(20))
        let reload = try bench.apply(
            Self.yaml("{name: house, endpoint: /dev/b}", "{name: garage, endpoint: /dev/a, units: {11: 1}}"))
        #expect(reload.value == ["line house", "line garage"])
        bench.run(.seconds(5))
        #expect(before.answerer == "a")
        for old in olds {
            #expect(bench.ports.news().allSatisfy { !$0.hasPrefix("open") })
            old.finishClosing()
        }
        #expect(Set(bench.ports.news()) == ["close /dev/b", "open /dev/a", "open /dev/b"])
        let asked = [try client.read(unit: 1), try client.read(unit: 11)]
        bench.run(.seconds(3))
        #expect(asked.map(\.answerer) == ["b", "a"])
    }

    @Test func `a line that is renamed at its place opens when the old one is gone`() throws {
        let bench = try GatewayBench.started(Self.one)
        bench.ports.closesSlowly = true
        let old = try bench.ports.carrier("/dev/a")
        let reload = try bench.apply(Self.yaml("{name: home, endpoint: /dev/a}"))
        #expect(reload.value == ["+line home", "-line house"])
        bench.run(.seconds(1))
        let asked = try bench.connect(Self.door).read()
        bench.run(.seconds(1))
        #expect(asked.reply == nil)
        #expect(bench.ports.news() == [])
        old.finishClosing()
        #expect(bench.ports.news() == ["close /dev/a", "open /dev/a"])
        bench.run(.seconds(1))
        #expect(asked.answerer == "a")
        #expect(bench.newLines() == ["home: /dev/a is open at 9600 8N1"])
    }

    @Test func `a line that goes while a query is on it gives that query its answer`() throws {
        let bench = try GatewayBench.started(Self.both)
        let client = try bench.connect(Self.door)
        let onLine = try client.read(1, unit: 11)
        let waiting = try client.read(2, unit: 11)
        bench.run(.milliseconds(20))
        let reload = try bench.apply(Self.one)
        #expect(reload.value == ["-line garage"])
        #expect(waiting.exception == .gatewayPathUnavailable)
        #expect(bench.ports.news() == [])
        bench.run(.seconds(2))
        #expect(onLine.answerer == "b")
        #expect(bench.ports.news() == ["close /dev/b"])
        #expect(bench.ports.carriers.filter { $0.place == "/dev/b" }.flatMap(\.asked) == [1])
    }

    @Test func `a query that waits while its unit moves gets the answer of the old line`() throws {
        let bench = try GatewayBench.started(Self.both)
        let client = try bench.connect(Self.door)
        let asked = [try client.read(1, unit: 11), try client.read(2, unit: 11)]
        bench.run(.milliseconds(20))
        let reload = try bench.apply(
            Self.yaml("{name: house, endpoint: /dev/a, units: {11: 1}}", "{name: garage, endpoint: /dev/b}"))
        #expect(reload.value == ["units of line house", "units of line garage"])
        let later = try client.read(3, unit: 11)
        bench.run(.seconds(3))
        #expect(asked.map(\.answerer) == ["b", "b"])
        #expect(later.answerer == "a")
    }

    @Test func `another speed opens the port anew; a setting of the line leaves it open`() throws {
        let bench = try GatewayBench.started(Self.one)
        let setting = try bench.apply(Self.yaml("{name: house, endpoint: /dev/a, retries: 0, read-limit: 5}"))
        #expect(setting.value == ["settings of line house", "read-limit of line house"])
        #expect(bench.ports.news() == [])
        let speed = try bench.apply(Self.yaml("{name: house, endpoint: /dev/a, baud: 19200}"))
        #expect(speed.value?.first == "line house")
        bench.run(.seconds(1))
        #expect(bench.ports.news() == ["close /dev/a", "open /dev/a"])
        #expect(bench.newLines() == ["house: /dev/a is open at 19200 8N1"])
    }

    @Test func `a line becomes simulated units, and a line again`() throws {
        let bench = try GatewayBench.started(Self.one)
        let client = try bench.connect(Self.door)
        _ = try bench.apply(Self.yaml("{name: house, dataset: {name: min-6000tl-xh}}"))
        let simulated = try client.read(0)
        bench.run(.seconds(1))
        #expect(simulated.reply != nil && simulated.answerer != "a")
        #expect(bench.ports.news() == ["close /dev/a"])
        _ = try bench.apply(Self.one)
        let asked = try client.read(0)
        bench.run(.seconds(2))
        #expect(asked.answerer == "a")
    }

    @Test func `a dongle comes, moves with the order of its line, and goes`() throws {
        let dongle = "{name: house, endpoint: /dev/a, dongle: {endpoint: /dev/s}}"
        let bench = try GatewayBench.started(Self.one)
        #expect(try bench.apply(Self.yaml(dongle)).value == ["dongle"])
        #expect(bench.newLines() == ["shine: /dev/s is open at 9600 8N1"])
        let garage = "{name: garage, endpoint: /dev/b, units: {11: 1}}"
        #expect(try bench.apply(Self.yaml(garage, dongle)).value == ["dongle", "+line garage"])
        bench.run(.seconds(1))
        #expect(bench.newLines().contains("shine:house: /dev/s is open at 9600 8N1"))
        #expect(bench.ports.news() == ["open /dev/s", "close /dev/s", "open /dev/b", "open /dev/s"])
        #expect(try bench.apply(Self.yaml(garage, Self.house)).value == ["dongle"])
        bench.run(.seconds(1))
        #expect(bench.ports.news() == ["close /dev/s"])
    }

    @Test func `faults and polls begin and end with a reload`() throws {
        let bench = try GatewayBench.started(Self.one)
        let client = try bench.connect(Self.door)
        #expect(try bench.apply(Self.yaml("{name: house, endpoint: /dev/a, faults: exception}")).value == ["faults"])
        #expect(try client.read().exception == .serverDeviceFailure)
        #expect(
            try bench.apply(Self.yaml("{name: house, endpoint: /dev/a, poll: 'holding:9-9'}")).value == [
                "faults", "poll",
            ])
        bench.run(.milliseconds(1500))
        #expect(try bench.ports.carrier("/dev/a").asked.suffix(2) == [9, 9])
        #expect(try bench.apply(Self.one).value == ["poll"])
        let count = try bench.ports.carrier("/dev/a").written.count
        bench.run(.seconds(5))
        #expect(try bench.ports.carrier("/dev/a").written.count <= count + 1)
        #expect(bench.ports.news() == [])
    }
}
