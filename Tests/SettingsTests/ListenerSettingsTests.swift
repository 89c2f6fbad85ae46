import Endpoints
import Settings
import Testing

struct ListenerSettingsTests {
    private let line = "lines: [{endpoint: /dev/i}]\n"

    private func listeners(_ yaml: String) throws -> [ListenerSettings] {
        try configuration(line + yaml).settings.listeners
    }

    @Test func `every kind of listener can be said in a file, with its options`() throws {
        let found = try listeners(
            """
            listeners:
              - {tcp: "*:502", read-only: true, allow: 10.0.0.0/8, deny: [10.0.0.7, "::1"], line: inverter}
              - rtu-tcp: "*:503"
              - udp: "*:502"
              - rtu-udp: "*:503"
              - {tls: gateway, certificate: a, key: b, client-ca: c}
              - {pty: /run/p, owner: evcc, group: 20, mode: 0600, read-only: true}
              - {sniff: "*:504", allow: [10.0.0.0/8]}
            """)
        func place(_ port: Int) -> HostPort { HostPort(host: "0.0.0.0", port: port) }
        #expect(
            found.map(\.kind) == [
                .tcp(place(502)), .rtuTCP(place(503)), .udp(place(502)), .rtuUDP(place(503)),
                .tls(HostPort(host: "gateway", port: 802)), .pty("/run/p"), .sniff(place(504)),
            ])
        #expect(found.map(\.kind.word) == ["tcp", "rtu-tcp", "udp", "rtu-udp", "tls", "pty", "sniff"])
        #expect(found.map(\.isReadOnly) == [true, false, false, false, false, true, false])
        #expect(found[0].line == "inverter")
        #expect(found[0].allow == [NetworkBlock("10.0.0.0/8")])
        #expect(found[0].deny == [NetworkBlock("10.0.0.7"), NetworkBlock("::1")])
        #expect([found[4].tls.certificate, found[4].tls.key, found[4].tls.clientCA] == ["a", "b", "c"])
        #expect(found[5].node.owner == "evcc")
        #expect(found[5].node.group == "20")
        #expect(found[5].node.mode == 0o600)
        #expect(found[6].allow == [NetworkBlock("10.0.0.0/8")])
        #expect(NodeSettings().mode == 0o660)
    }

    @Test func `a listener says how long its clients wait, and what they get without an answer`() throws {
        let found = try listeners(
            """
            listeners:
              - {tcp: "*:502", timeout: 10, newest-only: true}
              - {rtu-tcp: "*:503", no-answer: exception, timeout: 1500ms}
              - {pty: /run/p, no-answer: silence}
            """)
        #expect(found.map(\.timeout) == [.seconds(10), .milliseconds(1500), nil])
        #expect(found.map(\.isNewestOnly) == [true, false, false])
        #expect(found.map(\.noAnswer) == [.silence, .exception, .silence])
    }

    @Test(
        "what a listener cannot do is refused",
        arguments: [
            ("{tcp: \"*:502\", no-answer: exception}", "no-answer: has no meaning with tcp"),
            ("{rtu-tcp: \"*:502\", newest-only: true}", "newest-only: has no meaning with rtu-tcp"),
            ("{sniff: \"*:502\", timeout: 1}", "timeout: has no meaning with sniff"),
            ("{pty: p, no-answer: error}", "no-answer: expected silence or exception"),
            ("{tcp: \"*:502\", timeout: 0.3}", "timeout: expected more than 0.3 s"),
        ])
    func badOptions(_ listener: String, _ reason: String) {
        let error = #expect(throws: YAMLError.self) { try listeners("listeners: [\(listener)]") }
        #expect(error?.description.contains("listeners[0].\(reason)") == true, "\(error as Any)")
    }

    @Test(
        "a line's periods fit into the timeouts of the listeners that reach it",
        arguments: [
            ("min-period: 6", "{tcp: \"*:502\", timeout: 60}", nil),
            ("rtimeout: 60", "{tcp: \"*:502\", timeout: 600}", nil),
            (
                "min-period: 2", "{tcp: \"*:502\", timeout: 1}",
                "min-period: expected less than listeners[0].timeout (1 s)"
            ),
            (
                "rtimeout: 20", "{tcp: \"*:502\", timeout: 1}",
                "rtimeout: expected less than 10 times listeners[0].timeout (10 s)"
            ),
            ("min-period: 6", "{tcp: \"*:502\"}", "min-period: expected less than clients.timeout (5 s)"),
        ] as [(String, String, String?)])
    func periods(_ period: String, _ listener: String, _ reason: String?) {
        let text = "lines: [{endpoint: /dev/i, \(period)}]\nlisteners: [\(listener)]\n"
        do {
            _ = try configuration(text)
            #expect(reason == nil, "\(text)")
        } catch {
            #expect(reason.map { "\(error)".contains($0) } == true, "\(error)")
        }
    }

    @Test(
        "permissions are octal",
        arguments: [("0660", 0o660), ("660", 0o660), ("\"0777\"", 0o777), ("0", 0), ("0o640", 0o640)])
    func modes(_ text: String, _ mode: Int) throws {
        #expect(try listeners("listeners: [{pty: p, mode: \(text)}]")[0].node.mode == mode)
    }

    @Test("other permissions are refused", arguments: ["1000", "0888", "rw", "-1", "0o", "00660", "+7"])
    func badModes(_ text: String) {
        let error = #expect(throws: YAMLError.self) { try listeners("listeners: [{pty: p, mode: \(text)}]") }
        #expect(error?.description.contains("listeners[0].mode: expected octal permissions from 0 to 0777") == true)
    }

    @Test("an owner is a name or a number", arguments: ["root", "1000", "DOMAIN\\user", "a.b-c_d$", "4294967294"])
    func owners(_ text: String) throws {
        #expect(try listeners("listeners: [{pty: p, owner: '\(text)'}]")[0].node.owner == text)
    }

    @Test("another owner is refused", arguments: ["", "a b", "a:b", "-1", "4294967295", "a/b"])
    func badOwners(_ text: String) {
        #expect(throws: YAMLError.self) { try listeners("listeners: [{pty: p, owner: '\(text)'}]") }
    }

    @Test(
        "an option without a meaning is refused where it stands",
        arguments: [
            ("tcp: 'a:1', mode: 0660", "mode", "tcp"), ("udp: 'a:1', owner: x", "owner", "udp"),
            ("rtu-tcp: 'a:1', key: x", "key", "rtu-tcp"), ("pty: p, allow: 10.0.0.0/8", "allow", "pty"),
            ("pty: p, deny: 10.0.0.0/8", "deny", "pty"), ("sniff: 'a:1', read-only: true", "read-only", "sniff"),
            ("sniff: 'a:1', line: inverter", "line", "sniff"), ("rtu-udp: 'a:1', client-ca: x", "client-ca", "rtu-udp"),
        ])
    func meaningless(_ entries: String, _ key: String, _ kind: String) {
        let error = #expect(throws: YAMLError.self) { try listeners("listeners: [{tcp: 'b:1'}, {\(entries)}]") }
        #expect(error?.description.hasSuffix("listeners[1].\(key): has no meaning with \(kind)") == true)
    }

    @Test(
        "a place of Modbus Security is a host, perhaps with a port",
        arguments: [
            ("*", "0.0.0.0:802"), ("gateway", "gateway:802"), ("[::1]", "[::1]:802"),
            ("10.0.0.5:8802", "10.0.0.5:8802"),
        ])
    func tlsPlaces(_ text: String, _ address: String) throws {
        let files = [SettingKey.tlsCertificate: "a", .tlsKey: "b", .tlsClientCA: "c"]
        let settings = try settings(files.merging([.tls: text]) { $1 })
        #expect(settings.listeners.last?.kind.address?.description == address)
        #expect(settings.tcp == GatewaySettings().tcp)
    }

    @Test("another place of Modbus Security is refused", arguments: ["", "802", "a b", "::1", "a:70000", "-1"])
    func badTLSPlaces(_ text: String) {
        expectRefusal(.tls, text, naming: "HOST or HOST:PORT")
    }
}
