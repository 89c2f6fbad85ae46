import Settings
import Testing

/// Files with one fault each: every error names the line where it is.
struct BrokenConfigurationTests {
    /// A right file; each of its lines is made wrong in several ways.
    private static let right = """
        lines:
          - name: garage
            endpoint: /dev/ttyUSB0
            baud: 115200
            format: 8E1
            rs485: high
            min-period: 850ms
            silence: auto
            rtimeout: 0.5
            retries: 2
            local-echo: true
            poll: input:3000-3124
            dongle:
              endpoint: /dev/ttyUSB1
              baud: 9600
              format: 8N1
              timeout: 1500ms
              firmware-writes: [31, 32]
          - name: house
            endpoint: tcp://10.0.0.5
            units: {11: 1, 12: 2}
            retries: 0
            dongle:
              endpoint: listen+rtuovertcp://*:8899
          - name: recorded
            recording:
              file: wire.jsonl.gz
            units: [21]
        listeners:
          - tcp: 0.0.0.0:502
            line: house
            read-only: true
            allow: [10.0.0.0/24, "::1"]
            deny: 10.0.0.7
          - rtu-tcp: 0.0.0.0:503
          - udp: 0.0.0.0:502
          - rtu-udp: 0.0.0.0:503
          - tls: 0.0.0.0
            certificate: server.pem
            key: key.pem
            client-ca: clients.pem
          - pty: /run/growatt-broker/evcc
            owner: evcc
            group: 20
            mode: 0660
          - sniff: 127.0.0.1:5021
        clients:
          limit: 10
          limit-per-address: 4
          rate: 2.5
          read-only: false
          allow: 10.0.0.0/8
          deny: [fe80::/10]
          timeout: 5
          allow-broadcast: true
          names:
            192.168.1.10: home-assistant
        log:
          file: /var/log/wire.jsonl
          max-size: 10M
          level: debug
        capture:
          file: /tmp/c.jsonl
          max-size: 10M
        control: none
        duration: 1h
        """

    struct Fault: CustomTestStringConvertible, Sendable {
        let yaml: String
        let line: Int
        let change: String

        var testDescription: String { "line \(line): \(change)" }
    }

    /// What no number, duration, word or format is.
    private static let wrongValues = ["soon now", "-1", "1e 99", "[[1], 2]", "{a: 1}", "\"\""]
    private static let texts = ["endpoint", "file", "control", "certificate", "key", "client-ca", "pty"]

    static let faults: [Fault] = {
        let lines = right.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var faults: [Fault] = []
        func add(_ index: Int, _ line: String) {
            var changed = lines
            changed[index] = line
            faults.append(Fault(yaml: changed.joined(separator: "\n"), line: index + 1, change: line))
        }
        for (index, line) in lines.enumerated() {
            let lead = line.prefix { " -".contains($0) }
            let parts = line.dropFirst(lead.count).split(separator: ":", maxSplits: 1).map(String.init)
            let (key, value) = (parts[0], parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
            if !key.contains(".") {
                add(index, "\(lead)\(key.dropLast())\(key == "tcp" ? "x" : ""):\(value.isEmpty ? "" : " \(value)")")
                add(index, "\(lead)x-\(key): \(value)")
            }
            guard !value.isEmpty else { continue }
            for wrong in texts.contains(key) ? ["[[1], 2]", "{a: 1}"] : wrongValues {
                add(index, "\(lead)\(key): \(wrong)")
            }
            add(
                index,
                "\(lead)\(key): \(value)\n\(String(repeating: " ", count: lead.count))\(key): \(value)".firstFault)
        }
        return faults
    }()

    @Test func `there are four hundred and fifty of them, and the file they are made of is right`() throws {
        #expect(Self.faults.count >= 450, "\(Self.faults.count)")
        _ = try configuration(Self.right)
    }

    @Test("an error names the line", arguments: faults)
    func lines(_ fault: Fault) {
        do throws(YAMLError) {
            _ = try configuration(fault.yaml)
            Issue.record("taken: \(fault.change)")
        } catch {
            #expect(error.place?.line == fault.line, "\(error)")
            #expect(error.description.hasPrefix("c.yaml:\(fault.line):"), "\(error)")
            #expect(!error.description.contains("\n"))
        }
    }
}

extension String {
    /// A key that is there twice is found in the second line; here both stand in one.
    fileprivate var firstFault: String { "\t" + self }
}
