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
        listeners:
          - tcp: 0.0.0.0:502
          - sniff: 127.0.0.1:5021
        clients:
          limit: 10
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
    private static let texts = ["endpoint", "file", "control"]

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

    @Test func `there are two hundred of them, and the file they are made of is right`() throws {
        #expect(Self.faults.count >= 200, "\(Self.faults.count)")
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

    @Test(
        "what does not fit together is told where it is",
        arguments: [
            ("lines: [{name: x}]", "c.yaml:1:9: lines[0]: one of endpoint, dataset and recording is missing"),
            (
                "lines: [{endpoint: /dev/i}, {endpoint: /dev/j}]",
                "c.yaml:1:29: lines[1]: more than one line is not supported"
            ),
            (
                "lines: [{endpoint: /dev/i, dataset: {name: d}}]",
                "c.yaml:1:10: lines[0].endpoint: has no meaning in mode dataset"
            ),
            (
                "lines: [{dataset: {name: d}, retries: 1}]",
                "c.yaml:1:30: lines[0].retries: has no meaning in mode dataset"
            ),
            ("lines: [{endpoint: /dev/i, dongle: {baud: 9600}}]", "c.yaml:1:36: lines[0].dongle: endpoint is missing"),
            ("lines: [{dataset: {strict: true}}]", "c.yaml:1:19: lines[0].dataset: name is missing"),
            ("lines: [{recording: {speed: 1}}]", "c.yaml:1:21: lines[0].recording: file is missing"),
            (
                "lines: [{endpoint: /dev/i, poll: dataset}]",
                "c.yaml:1:34: lines[0].poll: expected blocks of the inverter"
            ),
            ("lines: [{endpoint: /dev/i}]\nlisteners: []", "c.yaml:2:12: listeners: no tcp and no pty"),
            (
                "lines: [{endpoint: /dev/i}]\nlisteners: [{}]",
                "c.yaml:2:13: listeners[0]: expected one of tcp, sniff, pty"
            ),
            (
                "lines: [{endpoint: /dev/i}]\nlisteners: [{tcp: 'a:1', sniff: 'a:2'}]",
                "c.yaml:2:33: listeners[0].sniff: one listener for each element"
            ),
            (
                "lines: [{endpoint: /dev/i}]\nlisteners: [{tcp: 'a:1'}, {tcp: 'a:1'}]",
                "c.yaml:2:33: listeners[1].tcp: \"a:1\" is taken already by line 2"
            ),
            (
                "lines: [{endpoint: /dev/i}]\nlisteners: [{tcp: 'a:1'}, {pty: /tmp/p}]",
                "c.yaml:2:33: listeners[1].pty: has no meaning in mode live"
            ),
            (
                "lines: [{endpoint: 'tcp://a:1'}]",
                "c.yaml:1:20: lines[0].endpoint: expected a device path such as"
            ),
            (
                "lines: [{endpoint: /dev/i}]\nlog: {file: a}\ncapture: {file: a}",
                "c.yaml:3:17: capture.file: expected another file"
            ),
            (
                "lines: [{dataset: {name: d}}]\nlisteners: [{pty: a}, {pty: a}]",
                "c.yaml:2:19: listeners[0].pty: \"a\" is there twice"
            ),
            ("min-period: 1", "c.yaml:1:1: min-period: unknown key; expected lines, listeners"),
            (
                "lines: [{endpoint: /dev/i, min-perod: 1}]",
                "c.yaml:1:28: lines[0].min-perod: unknown key; did you mean min-period?"
            ),
        ])
    func whole(_ yaml: String, _ text: String) {
        let error = #expect(throws: YAMLError.self) { try configuration(yaml) }
        #expect(error?.description.hasPrefix(text) == true, "\(String(describing: error))")
    }
}

extension String {
    /// A key that is there twice is found in the second line; here both stand in one.
    fileprivate var firstFault: String { "\t" + self }
}
