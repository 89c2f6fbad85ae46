import Endpoints
import Settings
import Testing

struct EndpointTests {
    private let even = LineFormat("8E1") ?? .eightNoneOne
    private let seven = LineFormat("7O2") ?? .eightNoneOne

    @Test("a format is read in any letter case", arguments: [("8n1", "8N1"), ("7e2", "7E2"), ("8O1", "8O1")])
    func formats(_ text: String, _ written: String) throws {
        let format = try #require(LineFormat(text))
        #expect(format.description == written)
        let settings = try settings([.bytes: text])
        #expect(settings.line.port.endpoint == .serial(path: "/dev/ttyUSB0", baud: 9600, format: format))
    }

    @Test(
        "another format is refused", arguments: [SettingKey.bytes, .inverterBytes, .shineBytes],
        ["", "8N", "8N11", "9N1", "8M1", "8N3", "N81", "8ß1", " 8N1"])
    func badFormats(_ key: SettingKey, _ text: String) {
        expectRefusal(key, text, naming: "[78][NEO][12]")
    }

    @Test("a speed is from 50 to 4000000 bits per second", arguments: [50, 9600, 115_200, 4_000_000])
    func speeds(_ baud: Int) throws {
        let settings = try settings([.baud: "\(baud)"])
        #expect(settings.line.port.endpoint == .serial(path: "/dev/ttyUSB0", baud: baud, format: .eightNoneOne))
    }

    @Test(
        "another speed is refused, also for a line that is not there",
        arguments: [SettingKey.baud, .inverterBaud, .shineBaud], ["49", "4000001", "0", "-9600", "fast", "", "9600.0"])
    func badSpeeds(_ key: SettingKey, _ text: String) {
        expectRefusal(key, text, naming: "50 to 4000000")
    }

    @Test("a line's own flags override the common ones, and its URL overrides both")
    func precedence() throws {
        var texts: [SettingKey: String] = [.shine: "/dev/s", .baud: "19200", .bytes: "8E1"]
        #expect(try settings(texts).line.port.endpoint == .serial(path: "/dev/ttyUSB0", baud: 19200, format: even))
        #expect(try settings(texts).line.dongle?.port.endpoint == .serial(path: "/dev/s", baud: 19200, format: even))

        texts[.inverterBaud] = "38400"
        texts[.shineBytes] = "7O2"
        #expect(try settings(texts).line.port.endpoint == .serial(path: "/dev/ttyUSB0", baud: 38400, format: even))
        #expect(try settings(texts).line.dongle?.port.endpoint == .serial(path: "/dev/s", baud: 19200, format: seven))

        texts[.inverter] = "serial:///dev/i?baud=115200&format=8n1"
        texts[.shine] = "SERIAL:///dev/s?format=8e1"
        #expect(try settings(texts).line.port.endpoint == .serial(path: "/dev/i", baud: 115_200, format: .eightNoneOne))
        #expect(try settings(texts).line.dongle?.port.endpoint == .serial(path: "/dev/s", baud: 19200, format: even))
    }

    @Test(
        "a device is a path or a serial URL",
        arguments: [
            ("/dev/serial/by-id/usb-1a86_USB-if00", "/dev/serial/by-id/usb-1a86_USB-if00"), ("./tty", "./tty"),
            ("../tty", "../tty"), ("serial:///dev/a", "/dev/a"), ("/dev/a?b", "/dev/a?b"), ("/dev/a%20b", "/dev/a%20b"),
        ])
    func devices(_ text: String, _ path: String) throws {
        #expect(try settings([.inverter: text]).line.port.endpoint?.path == path)
    }

    @Test(
        "what is no device is refused", arguments: [SettingKey.inverter, .shine],
        [
            "ttyUSB0", "COM3", "/", "/dev/", "-", "none", "127.0.0.1:502", "serial:/dev/a", "serial://dev/a",
            "serial://",
            "serial://?baud=9600", "http://a/b", "://", "/dev/x\n/",
        ])
    func badDevices(_ key: SettingKey, _ text: String) {
        expectRefusal(key, text, naming: "expected a device path such as /dev/ttyUSB0, or serial:///dev/ttyUSB0?baud=")
    }

    @Test("the driver is asked to switch the direction if the URL says how", arguments: Endpoint.SendingLevel.allCases)
    func direction(_ level: Endpoint.SendingLevel) throws {
        let settings = try GatewaySettings([.inverter: ["serial:///dev/ttyS1?baud=9600&rs485=\(level.rawValue)"]])
        #expect(
            settings.line.port.endpoint
                == .serial(path: "/dev/ttyS1", baud: 9600, format: .eightNoneOne, direction: level))
    }

    @Test(
        "a wrong parameter of a URL is refused",
        arguments: [
            ("baud=49", "baud=50 to 4000000"), ("baud=", "baud=50 to 4000000"), ("baud", "baud=50 to 4000000"),
            ("format=9N1", "format=[78][NEO][12]"), ("speed=9600", "baud=N and format=F"), ("", "baud=N and format=F"),
            ("rs485=on", "rs485=high or rs485=low"), ("baud=9600&", "baud=N and format=F"),
            ("baud=9600?format=8N1", "baud=50 to 4000000"),
        ])
    func badParameters(_ query: String, _ allowed: String) {
        expectRefusal(.inverter, "serial:///dev/a?\(query)", naming: allowed)
    }

    @Test(
        "a tool takes servers as well",
        arguments: [
            ("tcp://10.0.0.5:1502", Endpoint.modbusTCP(HostPort(host: "10.0.0.5", port: 1502))),
            ("tcp://gateway", .modbusTCP(HostPort(host: "gateway", port: 502))),
            ("TCP://[::1]", .modbusTCP(HostPort(host: "::1", port: 502))),
            ("rtuovertcp://[fe80::1%eth0]:4001", .rtuOverTCP(HostPort(host: "fe80::1%eth0", port: 4001))),
            ("udp://gateway", .modbusUDP(HostPort(host: "gateway", port: 502))),
            ("rtuoverudp://10.0.0.5:8899", .rtuOverUDP(HostPort(host: "10.0.0.5", port: 8899))),
            ("/dev/ttyUSB0", .serial(path: "/dev/ttyUSB0", baud: 9600, format: .eightNoneOne)),
        ])
    func servers(_ text: String, _ endpoint: Endpoint) throws {
        #expect(try Endpoint(text) == endpoint)
    }

    @Test("an endpoint's URL overrides what is said for all")
    func toolPrecedence() throws {
        let endpoint = try Endpoint("serial:///dev/a?baud=115200", baud: 19200, format: even)
        #expect(endpoint == .serial(path: "/dev/a", baud: 115_200, format: even))
    }

    @Test(
        "what is no endpoint of a tool is refused with what is allowed",
        arguments: [
            ("pty:///run/a", "device path"), ("ttyUSB0", "rtuovertcp://HOST:PORT"), ("tcp://", "tcp://HOST[:PORT]"),
            ("rtuovertcp://host", "rtuovertcp://HOST:PORT"), ("tcp://:5020", "tcp://HOST[:PORT]"),
            ("tcp://a:0", "with a port from 1 to 65535"), ("tcp://::1", "IPv6 in brackets"),
            ("tcp://a:70000", "with a port from 1 to 65535"),
            ("tcp://0.0.0.0:502", "every address of this machine is none"),
            ("tcp://[::]", "every address of this machine is none"),
            ("tcp://a:502?baud=9600", "only serial:// has parameters"),
            ("serial:///dev/a?baud=1", "baud=50 to 4000000"), ("rtuoverudp://a", "rtuoverudp://HOST:PORT"),
            ("listen+rtuovertcp://:8899", "device path"), ("udp://*:502", "udp://HOST[:PORT]"),
            ("listen+tcp://:5502", "device path"),
        ])
    func badEndpoints(_ text: String, _ allowed: String) {
        let error = #expect(throws: EndpointError.self) { try Endpoint(text) }
        #expect(error?.description.contains(allowed) == true, "\(String(describing: error))")
        #expect(error?.value == text)
    }
}
