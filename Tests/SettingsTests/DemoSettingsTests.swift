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
}
