import Settings
import Testing

/// Files whose values are right, each alone, but not together.
struct UnfitConfigurationTests {
    @Test(
        "what does not fit together is told where it is",
        arguments: [
            ("lines: [{name: x}]", "c.yaml:1:9: lines[0]: one of endpoint, dataset and recording is missing"),
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
            ("lines: [{endpoint: /dev/i}]\nlisteners: []", "c.yaml:2:12: listeners: none at which clients come in"),
            (
                "lines: [{endpoint: /dev/i}]\nlisteners: [{}]",
                "c.yaml:2:13: listeners[0]: expected one of tcp, rtu-tcp, udp, rtu-udp, tls, pty, sniff"
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
                "lines: [{endpoint: 'pty:///run/a'}]",
                "c.yaml:1:20: lines[0].endpoint: expected a device path such as"
            ),
            (
                "lines: [{endpoint: /dev/i}]\nlisteners: [{tcp: 'a:1', line: invertr}]",
                "c.yaml:2:32: listeners[0].line: expected the name of a line (inverter), not \"invertr\"; did you mean inverter?"
            ),
            (
                "lines: [{endpoint: /dev/i}]\nlisteners: [{tcp: 'a:1'}, {rtu-tcp: 'a:1'}]",
                "c.yaml:2:37: listeners[1].rtu-tcp: \"a:1\" is taken already by line 2"
            ),
            (
                "lines: [{endpoint: /dev/i}]\nlisteners: [{udp: 'a:1'}, {tcp: 'a:1'}, {rtu-udp: 'a:1'}]",
                "c.yaml:2:51: listeners[2].rtu-udp: \"a:1\" is taken already by line 2"
            ),
            (
                "lines: [{endpoint: /dev/i, dongle: {endpoint: 'listen+rtuovertcp://a:1'}}]\nlisteners: [{tcp: 'a:1'}]",
                "c.yaml:1:47: lines[0].dongle.endpoint: \"a:1\" is taken already by line 2"
            ),
            (
                "lines: [{endpoint: 'listen+tcp://127.0.0.1:5502'}]\nlisteners: [{tcp: '*:5502'}]",
                "c.yaml:1:20: lines[0].endpoint: \"127.0.0.1:5502\" is taken already by \"0.0.0.0:5502\" of line 2"
            ),
            (
                "lines: [{endpoint: 'listen+tcp://a:1', units: [1]}, {name: b, endpoint: 'listen+tcp://a:1'}]",
                "c.yaml:1:73: lines[1].endpoint: \"a:1\" is taken already by line 1"
            ),
            (
                "lines: [{endpoint: 'listen+tcp://a:1', dongle: {endpoint: 'listen+rtuovertcp://a:1'}}]",
                "c.yaml:1:59: lines[0].dongle.endpoint: \"a:1\" is taken already by line 1"
            ),
            (
                "lines: [{endpoint: /dev/i}]\nlisteners: [{pty: a}, {tcp: 'a:1'}, {pty: a}]",
                "c.yaml:2:19: listeners[0].pty: \"a\" is there twice"
            ),
            (
                "lines: [{dataset: {name: d}}]\nlisteners: [{pty: a, read-only: true}]",
                "c.yaml:2:33: listeners[0].read-only: has no meaning with simulated units"
            ),
            (
                "lines: [{dataset: {name: d}}]\nlisteners: [{pty: a, group: dialout}]",
                "c.yaml:2:29: listeners[0].group: has no meaning with simulated units"
            ),
            (
                "lines: [{dataset: {name: d}}]\nlisteners: [{pty: a}, {pty: a}]",
                "c.yaml:2:19: listeners[0].pty: \"a\" is there twice"
            ),
            ("minimum: 1", "c.yaml:1:1: minimum: unknown key; expected version, lines, listeners"),
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
