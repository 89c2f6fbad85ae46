import Settings
import Testing

/// One run tells every fault of a file, and what was probably meant.
struct AllFaultsTests {
    private func lines(_ yaml: String, _ variables: [String: String] = [:]) -> [String] {
        do throws(YAMLError) {
            _ = try configuration(yaml, [:], variables)
            return []
        } catch {
            return error.lines
        }
    }

    @Test func `a wrong value that stands in several places is told once`() {
        let variables = [
            "BAUD": "fast", "INV_DEV": "/dev/a", "SHINE_DEV": "/dev/b", "GROWATT_BROKER_LOG_MAX_SIZE": "1T",
        ]
        #expect(
            lines("{}", variables).map { String($0.prefix { $0 != ":" }) } == [
                "BAUD \"fast\"", "GROWATT_BROKER_LOG_MAX_SIZE \"1T\"",
            ])
    }

    @Test func `every wrong value and every unknown key has a line of its own, in the order of the file`() {
        let told = lines(
            """
            lines:
              - endpoint: /dev/ttyUSB0
                baud: fast
                retrys: 2
                min-period: soon
            listeners:
              - tcp: nowhere
              - tcp: 127.0.0.1:5020
                read-only: perhaps
            clients:
              limit: 0
              allow: [10.0.0.0/99, fd00::/8, here]
            logg: x
            """)
        #expect(
            told.map { String($0.split(separator: " ")[0...1].joined(separator: " ")) } == [
                "c.yaml:3:11: lines[0].baud:", "c.yaml:4:5: lines[0].retrys:", "c.yaml:5:17: lines[0].min-period:",
                "c.yaml:7:10: listeners[0].tcp:", "c.yaml:9:16: listeners[1].read-only:",
                "c.yaml:11:10: clients.limit:",
                "c.yaml:12:11: clients.allow[0]:", "c.yaml:12:34: clients.allow[2]:", "c.yaml:13:1: logg:",
            ])
        #expect(told.allSatisfy { $0.contains("expected ") })
    }

    @Test func `what does not fit together is told together, too`() {
        let told = lines(
            """
            lines: [{endpoint: /dev/ttyUSB0, min-period: 500, rtimeout: 900}]
            listeners: [{tcp: ":502", line: garage}]
            """)
        #expect(told.count == 3)
    }

    @Test(arguments: [(50, nil), (51, "1 more fault"), (60, "10 more faults")])
    func `no more than fifty faults are listed, and the rest is counted`(_ count: Int, _ rest: String?) {
        let keys = (1...count).map { "k\($0): 1\n" }.joined()
        let told = lines("lines: [{endpoint: /dev/ttyUSB0}]\n" + keys)
        #expect(told.count == min(count, 51))
        #expect(rest.map { told.last == $0 } ?? (told.last?.contains("k50: unknown key") == true))
    }

    @Test(arguments: [("min-period", "500", "500ms"), ("rtimeout", "900", "900ms"), ("min-period", "1h", nil)])
    func `a period that cannot fit into the patience of clients is refused`(
        _ key: String, _ text: String, _ meant: String?
    ) {
        let told = lines("lines: [{endpoint: /dev/ttyUSB0, \(key): \(text)}]")
        #expect(told.count == 1)
        #expect(told.first?.contains("clients.timeout (") == true)
        #expect(told.first?.hasSuffix(meant.map { "; did you mean \($0)?" } ?? " s), not \"1h\"") == true)
    }

    @Test(
        arguments: [
            ("10.0.0.5:8899", "rtuovertcp://10.0.0.5:8899 (a serial server) or tcp://10.0.0.5:8899 (Modbus TCP)"),
            ("10.0.0.5", "tcp://10.0.0.5:502 (Modbus TCP)"),
            ("ew11.lan:502", "rtuovertcp://ew11.lan:502 (a serial server) or tcp://ew11.lan:502 (Modbus TCP)"),
            ("/dev/ttyUSB0?baud=115200", "serial:///dev/ttyUSB0?baud=115200"),
        ])
    func `an address without a scheme, or a path with parameters, is told what it is`(_ text: String, _ meant: String) {
        #expect(lines("lines: [{endpoint: '\(text)'}]").first?.hasSuffix("; did you mean \(meant)?") == true)
    }

    @Test(arguments: ["PROD_TCP_WRITES", "DEV_TCP_WRITES"])
    func `a variable of the prototype that closes writes is never passed over`(_ name: String) {
        let yaml = "lines: [{endpoint: /dev/ttyUSB0}]"
        #expect(lines(yaml, [name: "disabled"]).first?.contains("GROWATT_BROKER_WRITERS=none") == true)
        #expect(lines(yaml, [name: "Disabled"]).count == 1)
        #expect(lines(yaml, [name: "enabled"]).isEmpty)
        #expect(lines(yaml, [name: ""]).isEmpty)
    }
}
