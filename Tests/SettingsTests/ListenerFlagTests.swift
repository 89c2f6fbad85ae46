import Endpoints
import Settings
import Testing

struct ListenerFlagTests {
    @Test(
        "listeners of a flag replace those of their kind, and none removes them",
        arguments: [
            (SettingKey.rtuTCP, "rtu-tcp"), (.udp, "udp"), (.rtuUDP, "rtu-udp"),
        ])
    func replace(_ key: SettingKey, _ word: String) throws {
        let file = "lines: [{endpoint: /dev/i}]\nlisteners: [{tcp: 'a:9'}, {\(word): 'a:1', read-only: true}]"
        func listeners(_ flags: [SettingKey: [String]], _ variables: [String: String] = [:]) throws -> [String] {
            try configuration(file, flags: flags, variables).settings.listeners.map {
                "\($0.kind.word) \($0.kind.address?.description ?? "")\($0.isReadOnly ? " read-only" : "")"
            }
        }
        #expect(try listeners([:]) == ["tcp a:9", "\(word) a:1 read-only"])
        #expect(try listeners([key: ["b:1,b:2", "b:3"]]) == ["tcp a:9", "\(word) b:1", "\(word) b:2", "\(word) b:3"])
        #expect(try listeners([key: ["none"]]) == ["tcp a:9"])
        #expect(try listeners([:], [key.variable: "c:1, c:2"]) == ["tcp a:9", "\(word) c:1", "\(word) c:2"])
        #expect(try listeners([key: ["-"]], [key.variable: "c:1"]) == ["tcp a:9"])
    }

    @Test func `who names a pseudo-terminal on a line keeps the default address, and none removes those of the file`()
        throws
    {
        let live = try GatewaySettings([.inverter: ["/dev/i"], .pty: ["/run/a", "/run/b"]])
        #expect(live.pty == ["/run/a", "/run/b"])
        #expect(live.tcp == GatewaySettings().tcp)
        let file = "lines: [{endpoint: /dev/i}]\nlisteners: [{tcp: 'a:1'}, {pty: /run/a, owner: x}]"
        #expect(try configuration(file, [.pty: "none"]).settings.pty.isEmpty)
        #expect(try configuration(file, [.pty: "/run/b"]).settings.listeners.last?.node == NodeSettings())
        #expect(try configuration(file, [:], [SettingKey.pty.variable: "/run/c,/run/d"]).settings.pty.count == 2)
    }

    @Test func `the files of flags and variables are for the listeners that do not name theirs`() throws {
        let file = """
            lines: [{endpoint: /dev/i}]
            listeners:
              - {tls: a, certificate: own.pem, client-ca: ca.pem}
              - {tcp: "a:1"}
            """
        let flags: [SettingKey: String] = [.tlsKey: "flag.key", .tlsCertificate: "flag.pem"]
        let variables = [
            SettingKey.tlsKey.variable: "variable.key", SettingKey.tlsClientCA.variable: "variable-ca.pem",
        ]
        func files(_ settings: GatewaySettings) -> [[String]] {
            settings.listeners.filter { $0.kind.word == "tls" }.map {
                [$0.tls.certificate, $0.tls.key, $0.tls.clientCA]
            }
        }
        let found = try configuration(file, flags, variables).settings
        #expect(files(found) == [["own.pem", "flag.key", "ca.pem"]])
        let replaced = try configuration(file, flags.merging([.tls: "b"]) { $1 }, variables).settings
        #expect(files(replaced) == [["flag.pem", "flag.key", "variable-ca.pem"]])
        #expect(try configuration(file, [:], variables).settings.listeners.first?.tls.key == "variable.key")
    }

    @Test func `a file of Modbus Security that nobody names is asked for`() {
        let error = #expect(throws: YAMLError.self) { try settings([.tls: "a", .tlsCertificate: "c"]) }
        #expect(error?.description == "--tls: key is missing; expected the path of a PEM file, or --tls-key")
        let file = "lines: [{endpoint: /dev/i}]\nlisteners: [{tls: a}]"
        let other = #expect(throws: YAMLError.self) { try configuration(file) }
        #expect(other?.description.hasPrefix("c.yaml:2:13: listeners[0]: certificate is missing") == true)
    }

    @Test func `who may come in is said by blocks, repeated or separated by commas`() throws {
        let file =
            "lines: [{endpoint: /dev/i}]\nclients: {allow: [10.0.0.0/8], rate: 5, limit-per-address: 3, read-only: true}"
        let own = try configuration(file).settings.clients
        #expect(own.allow == [NetworkBlock("10.0.0.0/8")])
        #expect(own.rate == 5)
        #expect(own.limitPerAddress == 3)
        #expect(own.isReadOnly)
        let flags: [SettingKey: [String]] = [
            .allow: ["192.168.1.0/24,::1", "10.0.0.7"], .deny: ["1.2.3.4"], .maxRate: ["0.5"],
            .maxClientsPerAddress: ["2"], .readOnly: ["false"],
        ]
        let clients = try configuration(file, flags: flags).settings.clients
        #expect(clients.allow.map(\.description) == ["192.168.1.0/24", "::1", "10.0.0.7"])
        #expect(clients.deny.map(\.description) == ["1.2.3.4"])
        #expect(clients.rate == 0.5)
        #expect(clients.limitPerAddress == 2)
        #expect(!clients.isReadOnly)
        let variables = [SettingKey.deny.variable: "1.2.3.4, 5.6.7.8"]
        #expect(try configuration(file, [:], variables).settings.clients.deny.count == 2)
        let none = GatewaySettings().clients
        #expect(none.allow.isEmpty && none.rate == nil && none.limitPerAddress == nil && !none.isReadOnly)
    }

    @Test func `who may write is said by blocks and words, for all network listeners or for one`() throws {
        let file =
            "lines: [{endpoint: /dev/i}]\nlisteners: [{tcp: 'a:1', writers: [10.0.0.7, loopback]}]\nclients: {writers: none}"
        let own = try configuration(file).settings
        #expect(own.listeners[0].writers.map(\.description) == ["10.0.0.7", "loopback"])
        #expect(own.clients.writers == [.word(.none)])
        #expect(Writer.word(.loopback).blocks.map(\.description) == ["127.0.0.0/8", "::1"])
        #expect(Writer.word(.any).blocks.map(\.description) == ["0.0.0.0/0", "::/0"])
        #expect(Writer.word(.none).blocks.isEmpty)
        let flags: [SettingKey: [String]] = [.writers: ["loopback,10.0.0.0/8", "::1"]]
        #expect(
            try configuration(file, flags: flags).settings.clients.writers.map(\.description)
                == ["loopback", "10.0.0.0/8", "::1"])
        let variables = [SettingKey.writers.variable: "any"]
        #expect(try configuration(file, [:], variables).settings.clients.writers == [.word(.any)])
        #expect(GatewaySettings().clients.writers == [.word(.any)])
    }

    @Test(
        "writers that name nobody, or have no meaning, are refused",
        arguments: [
            ("tcp: 'a:1', writers: []", "listeners[0].writers: nobody is named; expected any, loopback, none, or"),
            ("tcp: 'a:1', writers: ", "listeners[0].writers: nobody is named; expected any, loopback, none, or"),
            ("tcp: 'a:1', writers: ~", "listeners[0].writers: nobody is named"),
            ("tcp: 'a:1', writers: [loopback, none]", "listeners[0].writers: none stands alone, or not at all"),
            ("tcp: 'a:1', writers: [any, none]", "listeners[0].writers: any stands alone"),
            ("tcp: 'a:1', writers: lopback", "did you mean loopback?"),
            ("tcp: 'a:1', writers: 10.0.0.7/8", "did you mean 10.0.0.0/8?"),
            ("pty: p, writers: any", "writers: has no meaning with pty"),
            ("sniff: 'a:1', writers: any", "writers: has no meaning with sniff"),
            ("tls: 'a:1', writers: any, certificate: a, key: b, client-ca: c", "writers: has no meaning with tls"),
        ])
    func refusedWriters(_ listener: String, _ reason: String) {
        let error = #expect(throws: YAMLError.self) {
            try configuration("lines: [{endpoint: /dev/i}]\nlisteners: [{\(listener)}]")
        }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    @Test(
        "another limit is refused",
        arguments: [
            (.maxRate, "0", "0.1 to 10000"), (.maxRate, "10001", "0.1 to 10000"), (.maxRate, "fast", "0.1 to 10000"),
            (.maxClientsPerAddress, "0", "1 to 65535"), (.readOnly, "yes", "true or false"), (.allow, "", "IP address"),
            (.deny, "none", "IP address"), (.tlsCertificate, "", "PEM"),
        ] as [(SettingKey, String, String)])
    func refused(_ key: SettingKey, _ text: String, _ allowed: String) {
        let error = #expect(throws: YAMLError.self) {
            try settings(
                [.tls: "a", .tlsKey: "b", .tlsClientCA: "c", .tlsCertificate: "d"].merging([key: text]) { $1 })
        }
        #expect(error?.description.hasPrefix("\(key.flag) \(text.debugDescription): expected ") == true)
        #expect(error?.description.contains(allowed) == true)
    }
}
