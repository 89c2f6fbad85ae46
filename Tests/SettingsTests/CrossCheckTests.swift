import Settings
import Testing

struct CrossCheckTests {
    private let inverter: [SettingKey: [String]] = [.inverter: ["/dev/i"]]

    private func read(_ texts: [SettingKey: [String]]) throws(SettingsError) -> GatewaySettings {
        try GatewaySettings(inverter.merging(texts) { $1 })
    }

    @Test("addresses are repeated or separated by commas, and stay in order")
    func addresses() throws {
        let tcp = try read([.tcp: ["127.0.0.1:1,[::1]:2", "*:3", "a:4, b:5"]]).tcp
        #expect(tcp.map(\.description) == ["127.0.0.1:1", "[::1]:2", "0.0.0.0:3", "a:4", "b:5"])
    }

    @Test("a listener is disabled by - or none", arguments: ["-", "none", "NONE"])
    func disabled(_ text: String) throws {
        let settings = try read([.tcp: [text], .tcpAlt: ["*:1"], .sniff: [text]])
        #expect(settings.tcp.isEmpty)
        #expect(settings.sniff == nil)
        #expect(try read([.tcpAlt: [text]]).tcpAlt == nil)
    }

    @Test("further listeners have addresses")
    func furtherListeners() throws {
        let settings = try read([.tcpAlt: ["*:1"], .sniff: ["[::1]:2"]])
        #expect(settings.tcpAlt == HostPort(host: "0.0.0.0", port: 1))
        #expect(settings.sniff == HostPort(host: "::1", port: 2))
    }

    @Test(
        "what is no address is refused", arguments: [SettingKey.tcp, .tcpAlt, .sniff],
        ["", "here", "a:1;b:2", "a:70000"])
    func badAddress(_ key: SettingKey, _ text: String) {
        expectRefusal(key, text, naming: "HOST:PORT with a port from 0 to 65535")
    }

    @Test(
        "an error names the address of a list that is wrong",
        arguments: [["a:1", "b"], ["a:1,b"], ["b,none"], ["none", "b"]])
    func badInList(_ texts: [String]) {
        #expect(throws: SettingsError.self) { try read([.tcp: texts]) }
    }

    @Test("one address serves one listener")
    func sameAddress() throws {
        let address = HostPort(host: "127.0.0.1", port: 5020)
        #expect(throws: SettingsError.sameAddress(.sniff, .tcp, address)) { try read([.sniff: ["127.0.0.1:5020"]]) }
        #expect(throws: SettingsError.sameAddress(.tcpAlt, .tcp, address)) { try read([.tcpAlt: ["127.0.0.1:5020"]]) }
        #expect(throws: SettingsError.sameAddress(.tcp, .tcp, address)) {
            try read([.tcp: ["127.0.0.1:5020", "127.0.0.1:5020"]])
        }
        #expect(try read([.tcp: ["*:0", "*:0"], .sniff: ["*:0"]]).tcp.count == 2)
    }

    @Test(
        "a gateway needs an inverter",
        arguments: [[:], [.inverter: [""]], [.shine: ["/dev/s"]]] as [[SettingKey: [String]]])
    func inverterMissing(_ texts: [SettingKey: [String]]) {
        #expect(throws: SettingsError.inverterMissing) { try GatewaySettings(texts) }
    }

    @Test(
        "a dongle that is empty or at the inverter's device is none",
        arguments: ["", "/dev/i", "serial:///dev/i?baud=50"])
    func noDongle(_ text: String) throws {
        let settings = try read([.shine: [text]])
        #expect(settings.shine == nil)
        #expect(settings.isShineAtInverter == !text.isEmpty)
    }

    @Test("somebody must be able to ask")
    func noListener() throws {
        #expect(throws: SettingsError.noListener) { try read([.tcp: ["none"]]) }
        #expect(throws: SettingsError.noListener) { try read([.tcp: ["none"], .sniff: ["*:1"]]) }
        #expect(throws: SettingsError.noListener) { try read([.tcp: ["-"], .shine: ["/dev/i"]]) }
        #expect(try read([.tcp: ["none"], .shine: ["/dev/s"]]).shine?.path == "/dev/s")
    }

    @Test(
        "an error of several settings is one line that tells the way out",
        arguments: [
            (.inverterMissing, ["--inverter", "growatt-broker --inverter /dev/ttyUSB0", "growatt-broker demo"]),
            (.noListener, ["--tcp", "--tcp-alt", "--shine"]), (.pollMissing, ["--poll input:3000-3124", "--tcp"]),
            (.sameAddress(.sniff, .tcp, HostPort(host: "::1", port: 1)), ["--sniff", "--tcp", "[::1]:1"]),
            (.sameAddress(.tcp, .tcp, HostPort(host: "::1", port: 1)), ["--tcp", "[::1]:1", "twice"]),
        ] as [(SettingsError, [String])])
    func errorTexts(_ error: SettingsError, _ words: [String]) {
        for word in words { #expect(error.description.contains(word)) }
        #expect(!error.description.contains("\n"))
    }

    @Test("the flags are those of the interface")
    func flags() {
        let flags = """
            --inverter --shine --baud --bytes --inv-baud --inv-bytes --shine-baud --shine-bytes --tcp --tcp-alt --sniff \
            --min-period --silence --rtimeout --client-timeout --shine-timeout --retries --max-clients --local-echo \
            --allow-broadcast --log --log-max-size --faults --capture --pty --poll --duration --dataset --profile \
            --mutate --strict --read-limit --time-scale --start-time --seed --reply-time --recording --speed --order \
            --unseen --as-client
            """
        #expect(SettingKey.allCases.map(\.flag) == flags.split(separator: " ").map(String.init))
    }
}
