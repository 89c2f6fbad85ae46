import Endpoints
import Settings
import Testing

/// Lines and dongles that are not at a device of this machine.
struct ServerEndpointTests {
    private static func address(_ text: String) -> HostPort { HostPort(text) ?? HostPort(host: "?", port: 0) }

    @Test(
        "a line is also at a server",
        arguments: [
            ("tcp://10.0.0.5", Endpoint.modbusTCP(address("10.0.0.5:502"))),
            ("TCP://[::1]:1502", .modbusTCP(address("[::1]:1502"))), ("udp://a", .modbusUDP(address("a:502"))),
            ("rtuovertcp://ew11:8899", .rtuOverTCP(address("ew11:8899"))),
            ("rtuoverudp://ew11:8899", .rtuOverUDP(address("ew11:8899"))),
            ("listen+tcp://0.0.0.0:5502", .listeningTCP(address("*:5502"))),
            ("listen+tcp://*:5502", .listeningTCP(address("*:5502"))),
            ("Listen+TCP://:0", .listeningTCP(address("*:0"))),
            ("listen+tcp://[::1]:5502", .listeningTCP(address("[::1]:5502"))),
        ])
    func lines(_ text: String, _ endpoint: Endpoint) throws {
        #expect(try settings([.inverter: text]).line.port.endpoint == endpoint)
        #expect(try configuration("lines: [{endpoint: '\(text)'}]").settings.line.port.endpoint == endpoint)
    }

    @Test(
        "a dongle is also at a serial server, or one connects for it",
        arguments: [
            ("rtuovertcp://ew11:8899", Endpoint.rtuOverTCP(address("ew11:8899"))),
            ("listen+rtuovertcp://0.0.0.0:8899", .listeningRTUOverTCP(address("*:8899"))),
            ("listen+rtuovertcp://*:8899", .listeningRTUOverTCP(address("*:8899"))),
        ])
    func dongles(_ text: String, _ endpoint: Endpoint) throws {
        #expect(try settings([.shine: text]).line.dongle?.port.endpoint == endpoint)
    }

    @Test(
        "what cannot be there is refused with what can",
        arguments: [
            (.inverter, "listen+rtuovertcp://*:1", "udp://HOST[:PORT]"),
            (.inverter, "pty:///run/a", "tcp://HOST[:PORT]"),
            (.inverter, "rtuovertcp://a", "rtuovertcp://HOST:PORT"), (.inverter, "tcp://*:502", "tcp://HOST[:PORT]"),
            (.inverter, "udp://", "udp://HOST[:PORT]"), (.inverter, "tcp://a/b", "IPv6 in brackets"),
            (.inverter, "listen+tcp://a", "listen+tcp://HOST:PORT (an address to listen at)"),
            (.inverter, "listen+tcp://a:70000", "with a port from 0 to 65535"),
            (.shine, "listen+tcp://a:1", "listen+rtuovertcp://HOST:PORT"),
            (.shine, "tcp://a", "listen+rtuovertcp://HOST:PORT"), (.shine, "udp://a", "rtuovertcp://HOST:PORT"),
            (.shine, "rtuovertcp://:8899", "rtuovertcp://HOST:PORT"),
            (.shine, "listen+rtuovertcp://a", "listen+rtuovertcp://HOST:PORT"),
        ] as [(SettingKey, String, String)])
    func refused(_ key: SettingKey, _ text: String, _ allowed: String) {
        expectRefusal(key, text, naming: allowed)
    }

    @Test(
        "what is about a serial line is refused where there is none",
        arguments: [
            ("endpoint: tcp://a, baud: 9600", "baud", "tcp://a:502"),
            ("endpoint: 'rtuovertcp://a:1', format: 8N1", "format", "rtuovertcp://a:1"),
            ("endpoint: udp://a, rs485: low", "rs485", "udp://a:502"),
            ("endpoint: udp://a, silence: auto", "silence", "udp://a:502"),
            ("endpoint: udp://a, ignore-transaction-ids: true", "ignore-transaction-ids", "udp://a:502"),
            ("endpoint: /dev/i, ignore-transaction-ids: false", "ignore-transaction-ids", "/dev/i"),
            ("endpoint: 'listen+tcp://a:1', baud: 9600", "baud", "listen+tcp://a:1"),
            ("endpoint: 'listen+tcp://a:1', silence: auto", "silence", "listen+tcp://a:1"),
            ("endpoint: tcp://a, allow: 10.0.0.1", "allow", "tcp://a:502"),
            ("endpoint: /dev/i, deny: [10.0.0.1]", "deny", "/dev/i"),
            ("endpoint: 'rtuoverudp://a:1', local-echo: false", "local-echo", "rtuoverudp://a:1"),
            (
                "endpoint: /dev/i, dongle: {endpoint: 'rtuovertcp://a:1', baud: 9600}", "dongle.baud",
                "rtuovertcp://a:1"
            ),
        ])
    func meaningless(_ line: String, _ key: String, _ place: String) {
        let error = #expect(throws: YAMLError.self) { try configuration("lines:\n  - {\(line)}") }
        #expect(error?.place?.line == 2)
        #expect(error?.path == "lines[0].\(key)")
        #expect(error?.reason == "has no meaning with \(place)")
    }

    @Test("a Modbus TCP server may be known not to copy transaction identifiers")
    func transactions() throws {
        let file = "lines: [{endpoint: 'tcp://a', ignore-transaction-ids: true}]"
        #expect(try configuration(file).settings.line.ignoresTransactionIDs)
        #expect(try !configuration("lines: [{endpoint: 'tcp://a'}]").settings.line.ignoresTransactionIDs)
    }

    @Test func `a line that dials in may do so from some addresses`() throws {
        let file = "lines: [{endpoint: 'listen+tcp://*:5502', allow: 10.0.0.0/24, deny: [10.0.0.1]}]"
        let read = try configuration(file)
        #expect(read.settings.line.allow == [NetworkBlock("10.0.0.0/24")])
        #expect(read.settings.line.deny == [NetworkBlock("10.0.0.1")])
        #expect(try configuration(read.effective).settings == read.settings)
        // Another endpoint has nothing of what the file says about this one.
        for other in ["tcp://a", "/dev/i"] {
            #expect(try configuration(file, [.inverter: other]).settings.line.allow == [])
        }
        #expect(try configuration(file, [.inverter: "listen+tcp://*:1"]).settings.line.deny.count == 1)
    }

    @Test("a serial server's line has a silence")
    func silence() throws {
        let file = "lines: [{endpoint: 'rtuovertcp://a:1', silence: 20ms}]"
        #expect(try configuration(file).settings.line.silence == .fixed(.milliseconds(20)))
    }

    @Test func `a speed for both ports is for the one that is a device`() throws {
        let settings = try GatewaySettings([
            .inverter: ["tcp://a"], .shine: ["/dev/s"], .baud: ["115200"], .bytes: ["8E1"],
        ])
        #expect(settings.line.port.endpoint == .modbusTCP(HostPort(host: "a", port: 502)))
        #expect(
            settings.line.dongle?.port.endpoint
                == .serial(path: "/dev/s", baud: 115_200, format: try #require(LineFormat("8E1"))))
        let variables = ["BAUD": "9600", "INV_DEV": "rtuovertcp://a:1", "SHINE_DEV": "rtuovertcp://b:1"]
        #expect(try Configuration(.init(flags: [:], environment: variables)).settings.line.dongle != nil)
    }

    @Test(
        "the inverter's own is not",
        arguments: [SettingKey.inverterBaud: "9600", .inverterBytes: "8N1", .localEcho: "true", .silence: "auto"])
    func own(_ key: SettingKey, _ text: String) {
        let error = #expect(throws: YAMLError.self) { try settings([.inverter: "tcp://a", key: text]) }
        #expect(error?.description == "\(key.flag): has no meaning with tcp://a:502")
    }

    @Test func `a server that a flag names has nothing of what the file says about the device`() throws {
        let file = "lines: [{endpoint: /dev/i, baud: 115200, silence: 1ms, local-echo: true, retries: 3}]"
        let line = try configuration(file, [.inverter: "tcp://a"]).settings.line
        #expect(line.port.endpoint == .modbusTCP(HostPort(host: "a", port: 502)))
        #expect(line.silence == .automatic)
        #expect(!line.localEcho)
        #expect(line.retries == 3)
        let error = #expect(throws: YAMLError.self) {
            try configuration("lines: [{endpoint: tcp://a}]", [:], ["INV_BAUD": "9600"])
        }
        #expect(error?.description == "INV_BAUD: has no meaning with tcp://a:502")
    }

    @Test func `a line is not at a listener of the same broker`() throws {
        let error = #expect(throws: YAMLError.self) { try settings([.inverter: "tcp://127.0.0.1:5020"]) }
        #expect(error?.description.hasPrefix("--inverter: \"127.0.0.1:5020\" is a listener of this broker") == true)
        #expect(throws: YAMLError.self) { try settings([.inverter: "udp://a", .udp: "a:502"]) }
        #expect(throws: YAMLError.self) { try settings([.shine: "rtuovertcp://a:1", .rtuTCP: "a:1"]) }
        #expect(try settings([.inverter: "udp://a", .tcp: "a:502"]).lines.count == 1)
        let circle =
            "lines: [{endpoint: 'listen+tcp://*:5502', units: [1]}, {name: b, endpoint: 'tcp://127.0.0.1:5502'}]"
        #expect(throws: YAMLError.self) { try configuration(circle) }
    }

    @Test func `a line and a dongle are not at a virtual port of the same broker, however it is written`() throws {
        let error = #expect(throws: YAMLError.self) { try settings([.inverter: "/tmp/./a", .pty: "/tmp//a"]) }
        #expect(
            error?.description
                == "--inverter: \"/tmp/./a\" is a virtual port of this broker (\"/tmp//a\", --pty), which would ask "
                + "itself; expected another device")
        #expect(throws: YAMLError.self) { try settings([.inverter: "/dev/i", .shine: "/tmp/a", .pty: "/tmp/a"]) }
        #expect(try settings([.inverter: "/tmp/b", .pty: "/tmp/a"]).lines.count == 1)
    }
}
