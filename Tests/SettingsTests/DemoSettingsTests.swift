import Endpoints
import Settings
import Testing

struct DemoSettingsTests {
    @Test("the demo listens where the gateway does, until it is stopped")
    func defaults() throws {
        let settings = try DemoSettings([:])
        #expect(settings == DemoSettings())
        #expect(settings.tcp == [HostPort(host: "127.0.0.1", port: 5020)])
        #expect(settings.duration == nil)
    }

    @Test(
        "the demo runs for a while",
        arguments: [
            ("10", .seconds(10)), ("1ms", .milliseconds(1)), ("24h", .seconds(86400)), ("720h", .seconds(2_592_000)),
        ]
            as [(String, Duration)])
    func duration(_ text: String, _ duration: Duration) throws {
        #expect(try DemoSettings([.duration: [text]]).duration == duration)
    }

    @Test("another while is refused", arguments: ["0", "721h", "-1", "", "long"])
    func badDuration(_ text: String) throws {
        let error = try #require(throws: YAMLError.self) { try DemoSettings([.duration: [text]]) }
        #expect(error.description.hasPrefix("--duration \(text.debugDescription): expected 1 ms to 720 h"))
    }

    @Test("the demo's addresses are read as the gateway's")
    func addresses() throws {
        #expect(try DemoSettings([.tcp: ["*:0,[::1]:1"]]).tcp.map(\.description) == ["0.0.0.0:0", "[::1]:1"])
        #expect(try DemoSettings([.tcp: ["none"]]).tcp.isEmpty)
        #expect(throws: YAMLError.self) { try DemoSettings([.tcp: ["a:1,a:1"]]) }
    }

    @Test("the demo's inverter has a sunny day, of which a minute passes in a second")
    func inverter() throws {
        let settings = try DemoSettings([:])
        #expect(settings.inverter.profiles == ["sunny-day"])
        #expect(settings.inverter.timeScale == 60)
        #expect(settings.inverter.startTime == 36_000)
        #expect(settings.control == .automatic)
        #expect(settings.log.file == .none)
    }

    @Test("what is given moves the inverter, the rest stays")
    func profile() throws {
        let profile = try DemoSettings([.profile: ["cloudy-day", "grid-outage"]])
        #expect(profile.inverter.profiles == ["cloudy-day", "grid-outage"])
        #expect(profile.inverter.timeScale == 60)
        let clock = try DemoSettings([.timeScale: ["1"], .startTime: ["23:30"]])
        #expect(clock.inverter.profiles == ["sunny-day"])
        #expect(clock.inverter.timeScale == 1)
        #expect(clock.inverter.startTime == 84_600)
    }

    @Test("the demo can be asked and recorded as the gateway")
    func control() throws {
        let settings = try DemoSettings([.control: ["/tmp/demo"], .log: ["/tmp/wire.jsonl"]])
        #expect(settings.control == .path("/tmp/demo"))
        #expect(settings.log.file == .file("/tmp/wire.jsonl"))
    }

    @Test(
        "what is none of the allowed values is named",
        arguments: [
            (SettingKey.timeScale, "0", "--time-scale \"0\": "), (.startTime, "25:00", "--start-time \"25:00\": "),
            (.control, "", "--control \"\": "),
        ])
    func bad(_ key: SettingKey, _ text: String, _ start: String) throws {
        let error = try #require(throws: YAMLError.self) { try DemoSettings([key: [text]]) }
        #expect(error.description.hasPrefix(start), "\(error)")
    }
}
