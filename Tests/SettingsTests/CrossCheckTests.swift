import Endpoints
import Settings
import Testing

struct CrossCheckTests {
    private let inverter: [SettingKey: [String]] = [.inverter: ["/dev/i"]]

    private func read(_ texts: [SettingKey: [String]]) throws(YAMLError) -> GatewaySettings {
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
        #expect(settings.tcp == [HostPort(host: "0.0.0.0", port: 1)])
        #expect(settings.sniff == nil)
        #expect(try read([.tcpAlt: [text]]).tcp == GatewaySettings().tcp)
    }

    @Test("further listeners have addresses")
    func furtherListeners() throws {
        let settings = try read([.tcpAlt: ["*:1"], .sniff: ["[::1]:2"]])
        #expect(settings.tcp.map(\.description) == ["127.0.0.1:5020", "0.0.0.0:1"])
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
        #expect(throws: YAMLError.self) { try read([.tcp: texts]) }
    }

    @Test("one address serves one listener")
    func sameAddress() throws {
        for (texts, flag, other) in [
            ([.sniff: ["127.0.0.1:5020"]], "--sniff", "default"),
            ([.tcpAlt: ["127.0.0.1:5020"]], "--tcp-alt", "default"),
            ([.tcp: ["127.0.0.1:5020", "127.0.0.1:5020"]], "--tcp", "--tcp"),
            ([.tcp: ["127.0.0.1:5020"], .sniff: ["127.0.0.1:5020"]], "--sniff", "--tcp"),
        ] as [([SettingKey: [String]], String, String)] {
            let error = #expect(throws: YAMLError.self) { try read(texts) }
            let text = "\(flag): \"127.0.0.1:5020\" is taken already by \(other); expected a different address"
            #expect(error?.description.hasPrefix(text) == true, "\(String(describing: error))")
        }
        #expect(try read([.tcp: ["*:0", "*:0"], .sniff: ["*:0"]]).tcp.count == 2)
    }

    @Test(
        "a port of every address is taken from each of them",
        arguments: [
            ("0.0.0.0:5", "127.0.0.1:5"), ("*:5", "192.168.1.2:5"), (":5", "localhost:5"), ("*:5", "[::]:5"),
            ("[::]:5", "[::1]:5"), ("[::]:5", "10.0.0.1:5"), ("[::]:5", "gateway:5"), ("[::0]:5", "*:5"),
        ])
    func wildcard(_ one: String, _ other: String) throws {
        let places = [one, other].compactMap { HostPort($0)?.description }
        for (flags, others) in [([one, other], places), ([other, one], places.reversed())] {
            for keys in [(SettingKey.tcp, SettingKey.rtuTCP), (.udp, .rtuUDP)] {
                let error = #expect(throws: YAMLError.self) { try read([keys.0: [flags[0]], keys.1: [flags[1]]]) }
                let text = "\(keys.1.flag): \"\(others[1])\" is taken already by \"\(others[0])\" of \(keys.0.flag);"
                #expect(error?.description.hasPrefix(text) == true, "\(String(describing: error))")
            }
        }
        _ = try read([.tcp: [one], .udp: [other]])
    }

    @Test(
        "other addresses share a port",
        arguments: [
            ("127.0.0.1:5", "127.0.0.2:5"), ("[::1]:5", "127.0.0.1:5"), ("0.0.0.0:5", "[::1]:5"),
            ("0.0.0.0:5", "gateway:5"), ("0.0.0.0:5", "127.0.0.1:6"), ("*:0", "127.0.0.1:0"),
        ])
    func together(_ one: String, _ other: String) throws {
        _ = try read([.tcp: [one], .rtuTCP: [other]])
        _ = try read([.udp: [one], .rtuUDP: [other]])
    }

    @Test("files of TLS that no listener shows are told")
    func unusedFiles() throws {
        func notices(_ flags: [SettingKey: String]) throws -> [String] {
            try Configuration(
                .init(
                    flags: flags.mapValues { [$0] },
                    environment: ["INV_DEV": "/dev/i", "GROWATT_BROKER_TLS_KEY": "/k"])
            ).notices
        }
        #expect(
            try notices([.tlsCertificate: "/c"]) == [
                "--tls-certificate: is for a tls listener, and there is none",
                "GROWATT_BROKER_TLS_KEY: is for a tls listener, and there is none",
            ])
        #expect(try notices([.tls: "*", .tlsCertificate: "/c", .tlsClientCA: "/a"]) == [])
    }

    @Test(
        "a gateway needs an inverter",
        arguments: [[:], [.inverter: [""]], [.shine: ["/dev/s"]]] as [[SettingKey: [String]]])
    func inverterMissing(_ texts: [SettingKey: [String]]) {
        let error = #expect(throws: YAMLError.self) { try GatewaySettings(texts) }
        for words in ["--inverter: is missing", "growatt-broker --inverter /dev/ttyUSB0", "growatt-broker demo"] {
            #expect(error?.description.contains(words) == true)
        }
    }

    @Test(
        "a dongle that is empty or at the inverter's device is none",
        arguments: ["", "/dev/i", "serial:///dev/i?baud=50"])
    func noDongle(_ text: String) throws {
        let settings = try read([.shine: [text]])
        #expect(settings.line.dongle == nil)
        #expect(settings.line.isDongleAtInverter == !text.isEmpty)
    }

    @Test("somebody must be able to ask")
    func noListener() throws {
        for texts in [
            [.tcp: ["none"]], [.tcp: ["none"], .sniff: ["*:1"]], [.tcp: ["-"], .shine: ["/dev/i"]],
        ] as [[SettingKey: [String]]] {
            let error = #expect(throws: YAMLError.self) { try read(texts) }
            #expect(error?.description.contains("leaves nobody who could ask") == true)
        }
        #expect(try read([.tcp: ["none"], .shine: ["/dev/s"]]).line.dongle?.port.endpoint?.path == "/dev/s")
    }

    @Test("the flags are those of the interface")
    func flags() {
        let flags = """
            --inverter --shine --baud --bytes --inv-baud --inv-bytes --shine-baud --shine-bytes --tcp --tcp-alt --sniff \
            --rtu-tcp --udp --rtu-udp --tls --tls-certificate --tls-key --tls-client-ca --pty --read-only --writers --allow --deny \
            --max-clients-per-address --max-rate --min-period --silence --rtimeout --client-timeout --shine-timeout \
            --retries --max-clients --local-echo --allow-broadcast --log --log-max-size --log-level --log-format --control --faults \
            --capture --poll --duration --dataset --profile --mutate --strict --read-limit --time-scale --start-time \
            --seed --reply-time --recording --speed --order --unseen
            """
        #expect(SettingKey.allCases.map(\.flag) == flags.split(separator: " ").map(String.init))
    }
}
