import Settings
import Testing

/// Files of other versions.
struct OldConfigurationTests {
    @Test func `a file says its version, and one of a newer version is refused before its keys are looked at`() throws {
        #expect(try configuration("version: 1\nlines: [{endpoint: /dev/i}]").settings.version == 1)
        #expect(try configuration("lines: [{endpoint: /dev/i}]").settings.version == 1)
        let error = #expect(throws: YAMLError.self) { try configuration("new-key: 7\nversion: 2") }
        #expect(
            error?.description
                == "c.yaml:2:10: version: expected 1; a file of a newer version needs a newer growatt-broker, not \"2\""
        )
    }

    @Test func `names of flags are taken as keys, and the operator is told where they belong`() throws {
        let old = try configuration(
            """
            inverter: /dev/i
            shine: /dev/s
            baud: 115200
            min-period: 1.5
            tcp: ["a:1", "b:2"]
            read-only: true
            log: /var/log/wire.jsonl
            clients: {limit: 40}
            """)
        let new = try configuration(
            """
            lines:
              - {endpoint: /dev/i, baud: 115200, min-period: 1.5, dongle: {endpoint: /dev/s, baud: 115200}}
            listeners: [{tcp: "a:1"}, {tcp: "b:2"}]
            log: {file: /var/log/wire.jsonl}
            clients: {limit: 40, read-only: true}
            """)
        #expect(old.settings == new.settings)
        #expect(new.notices == [])
        #expect(old.notices.count == 7)
        #expect(
            old.notices.contains(
                "c.yaml:4: min-period is the name of a flag, and still taken; in a file it is lines[0].min-period")
        )
        #expect(old.notices.contains { $0.hasPrefix("c.yaml:5: tcp is") && $0.hasSuffix("listeners[].tcp") })
        #expect(old.notices.contains { $0.hasPrefix("c.yaml:7: log is") && $0.hasSuffix("log.file") })
    }

    @Test func `flags and variables beat them, and what is served may be named by them`() throws {
        let file = "dataset: sph-6000\nprofile: [sunny-day]\nseed: 7"
        let old = try configuration(file).settings.line.source
        guard case .dataset(let dataset) = old else { throw YAMLError(file: "", place: nil, reason: "no dataset") }
        #expect((dataset.name, dataset.seed, dataset.profiles) == ("sph-6000", 7, ["sunny-day"]))
        #expect(try configuration(file, [.seed: "8"]).settings.line.dataset?.seed == 8)
        #expect(try configuration(file, [:], [SettingKey.seed.variable: "9"]).settings.line.dataset?.seed == 9)
        #expect(try configuration(file, [.inverter: "/dev/i"]).settings.line.source == .line)
    }

    @Test(
        "what is wrong with them is told with file, line and key",
        arguments: [
            ("inverter: /dev/i\nmin-period: soon", "c.yaml:2: min-period \"soon\": expected "),
            ("inverter: /dev/i\nmin-period: {a: 1}", "c.yaml:2:13: min-period: expected a"),
            ("inverter: /dev/i\nseed: 7", "c.yaml:2: seed: has no meaning in mode live"),
            ("inverter: /dev/i\nmin-period: []", "c.yaml:2:13: min-period: has no value"),
            ("inverter: /dev/i\nwriters: ", "c.yaml:2:9: writers: has no value"),
            ("inverter: /dev/i\nretries: [1, 2]", "c.yaml:2:10: retries: has 2 values; expected one"),
            (
                "inverter: /dev/i\nread-only: true\nclients: {read-only: false}",
                "c.yaml:2:12: read-only: clients.read-only is"
            ),
            (
                "lines: [{min-period: 1}]\nmin-period: 2",
                "c.yaml:2:13: min-period: lines[0].min-period is there as well"
            ),
            (
                "inverter: /dev/i\ntcp: 'a:1'\nlisteners: [{tcp: 'a:1', writers: none}]",
                "c.yaml:2:6: tcp: listeners[].tcp is"
            ),
            ("inverter: /dev/i\nmin-perod: 7", "c.yaml:2:1: min-perod: unknown key"),
        ])
    func refused(_ file: String, _ reason: String) {
        let error = #expect(throws: YAMLError.self) { try configuration(file) }
        #expect(error?.description.hasPrefix(reason) == true, "\(error?.description ?? "")")
    }
}
