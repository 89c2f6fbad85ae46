import Endpoints
import Settings
import Testing

struct GatewaySettingsTests {
    @Test("what is not set has its default")
    func defaults() throws {
        let settings = try settings([:])
        #expect(settings.line.port.endpoint == .serial(path: "/dev/ttyUSB0", baud: 9600, format: .eightNoneOne))
        #expect(settings.line.dongle == nil)
        #expect(settings.tcp == [HostPort(host: "127.0.0.1", port: 5020)])
        #expect(settings.sniff == nil)
        #expect(settings.line.minPeriod == .milliseconds(500))
        #expect(settings.line.silence == .automatic)
        #expect(settings.line.responseTimeout == .milliseconds(900))
        #expect(settings.clients.timeout == .seconds(5))
        #expect(DongleSettings().timeout == .seconds(2))
        #expect(settings.line.retries == 1)
        #expect(settings.clients.limit == 1024)
        #expect(!settings.line.localEcho)
        #expect(!settings.clients.allowBroadcast)
        #expect(settings.log.file == .none)
        #expect(settings.log.maxSize == 100_000_000)
        #expect(settings.line.lowLatency)
    }

    @Test("a repeated flag overrides the earlier one")
    func repeated() throws {
        let settings = try GatewaySettings([.inverter: ["/dev/a"], .retries: ["2", "3"]])
        #expect(settings.line.retries == 3)
    }

    @Test("an empty list of texts sets nothing")
    func emptyLists() throws {
        let settings = try GatewaySettings([.inverter: ["/dev/a"], .tcp: [], .retries: []])
        #expect(settings.tcp == GatewaySettings().tcp)
        #expect(settings.line.retries == 1)
    }

    @Test(
        "a duration is taken from the least to an hour",
        arguments: [
            (.minPeriod, "0", .zero), (.minPeriod, "2s", .seconds(2)),
            (.minPeriod, "850ms", .milliseconds(850)),
            (.responseTimeout, "1ms", .milliseconds(1)),
            (.responseTimeout, "1.5", .milliseconds(1500)),
            (.clientTimeout, "0.300000001", .nanoseconds(300_000_001)),
            (.clientTimeout, "60m", .seconds(3600)),
            (.shineTimeout, "0.001", .milliseconds(1)),
            (.shineTimeout, "2s", .seconds(2)),
        ] as [(SettingKey, String, Duration)])
    func durations(_ key: SettingKey, _ text: String, _ duration: Duration) throws {
        let settings = try settings([key: text, .shine: "/dev/s"])
        let durations: [SettingKey: Duration?] = [
            .minPeriod: settings.line.minPeriod, .responseTimeout: settings.line.responseTimeout,
            .clientTimeout: settings.clients.timeout, .shineTimeout: settings.line.dongle?.timeout,
        ]
        #expect(durations[key] == duration)
    }

    @Test(
        "a duration out of range or none at all is refused",
        arguments: [
            (.minPeriod, "0 to 1 h"), (.responseTimeout, "1 ms to 1 h"), (.clientTimeout, "more than 0.3 s"),
            (.shineTimeout, "1 ms to 1 h"), (.silence, "auto, or 0 to 1 h"),
        ] as [(SettingKey, String)], ["-1", "3600.000000001", "61m", "", "soon", "1e-3", "nan", "0.5 s"])
    func badDurations(_ expected: (key: SettingKey, allowed: String), _ text: String) {
        expectRefusal(expected.key, text, naming: expected.allowed)
    }

    @Test(
        "a timeout leaves time for an answer", arguments: [SettingKey.responseTimeout, .shineTimeout, .clientTimeout])
    func positiveTimeouts(_ key: SettingKey) {
        expectRefusal(key, "0", naming: "in seconds (0.5) or with a unit (500ms, 2s, 1m)")
    }

    @Test("a client's timeout is longer than the margin of the answer", arguments: ["0.3", "300ms", "0.1"])
    func margin(_ text: String) {
        expectRefusal(.clientTimeout, text, naming: "more than 0.3 s")
    }

    @Test(
        "the silence is automatic or a duration",
        arguments: [
            ("auto", .automatic), ("AUTO", .automatic), ("0", .fixed(.zero)), ("1.75ms", .fixed(.microseconds(1750))),
        ] as [(String, Silence)])
    func silence(_ text: String, _ silence: Silence) throws {
        #expect(try settings([.silence: text]).line.silence == silence)
    }
}
