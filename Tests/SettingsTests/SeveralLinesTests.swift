import Endpoints
import Settings
import Testing

struct SeveralLinesTests {
    private let two = """
        lines:
          - {endpoint: /dev/i, dongle: {endpoint: /dev/s}}
          - {name: garage, endpoint: tcp://10.0.0.5, units: {11: 1, 12: 2}, retries: 0}
          - {name: demo, dataset: {name: sph-6000}, units: [21, 22]}
          - {name: old, recording: {file: r.jsonl}, units: 31, poll: dataset}
        """

    @Test func `lines of different sources stand side by side`() throws {
        let settings = try configuration(two).settings
        #expect(settings.lines.map(\.name) == ["inverter", "garage", "demo", "old"])
        #expect(settings.lines[0].dongle?.port.endpoint?.path == "/dev/s")
        #expect(settings.lines[0].units == nil)
        #expect(settings.lines[1].units == [UnitNumber(asked: 11, own: 1), UnitNumber(asked: 12, own: 2)])
        #expect(settings.lines[1].retries == 0)
        #expect(settings.lines[2].source == .dataset(DatasetSettings(name: "sph-6000")))
        #expect(settings.lines[2].units == [UnitNumber(asked: 21, own: 21), UnitNumber(asked: 22, own: 22)])
        #expect(settings.lines[3].units == [UnitNumber(asked: 31, own: 31)])
        #expect(settings.lines[3].poll == .dataset)
        #expect(settings.line == settings.lines[0])
    }

    @Test func `flags and variables speak about the first line`() throws {
        let settings = try configuration(two, [.minPeriod: "2"], ["INV_DEV": "/dev/x"]).settings
        #expect(settings.lines[0].port.endpoint?.path == "/dev/x")
        #expect(settings.lines[0].minPeriod == .seconds(2))
        #expect(settings.lines[1].minPeriod == .milliseconds(500))
    }

    @Test(
        arguments: [("{1: 0}", [[1, 0]]), ("{0: 1, 2: 2}", [[0, 1], [2, 2]]), ("[0, 1]", [[0, 0], [1, 1]])]
            as [(String, [[UInt8]])])
    func `unit 0 can be another, and another unit 0`(text: String, numbers: [[UInt8]]) throws {
        let first = try configuration("lines: [{endpoint: /dev/i, units: \(text)}]")
        #expect(first.settings.lines[0].units == numbers.map { UnitNumber(asked: $0[0], own: $0[1]) })
        #expect(try configuration(first.effective).settings == first.settings)
    }

    @Test func `a stand-in takes the first line's place, its name and its units`() throws {
        let file = """
            lines:
              - {name: house, endpoint: /dev/i, retries: 5, units: [1], dongle: {endpoint: /dev/s}}
              - {name: garage, endpoint: /dev/j, units: {11: 1}}
            listeners: [{tcp: "a:1"}, {tcp: "a:2", line: house}]
            """
        let settings = try configuration(file, [.dataset: "sph-6000"]).settings
        #expect(settings.lines.map(\.name) == ["house", "garage"])
        #expect(settings.line.source == .dataset(DatasetSettings(name: "sph-6000")))
        #expect(settings.line.units == [UnitNumber(asked: 1, own: 1)])
        #expect(settings.line.dongle == nil)
        #expect(settings.lines[1].source == .line)
    }

    @Test func `a line without units is enough for those that no other has, and one with no units for itself`() throws {
        let lines = "lines: [{endpoint: /dev/i}, {name: b, endpoint: /dev/j%}]\n"
        func read(_ units: String, _ listeners: String) throws -> [LineSettings] {
            try configuration(lines.replacing("%", with: units) + listeners).settings.lines
        }
        #expect(throws: YAMLError.self) { try read("", "") }
        #expect(throws: YAMLError.self) { try read("", "listeners: [{tcp: 'a:1', line: b}, {pty: p}]") }
        #expect(try read("", "listeners: [{tcp: 'a:1', line: b}, {pty: p, line: inverter}]").count == 2)
        #expect(try read(", units: [11]", "").count == 2)
        #expect(try read(", units: []", "listeners: [{tcp: 'a:1'}, {tcp: 'a:2', line: b}]")[1].units == [])
    }

    @Test func `there are at most sixteen`() throws {
        func file(_ count: Int) -> String {
            "lines:\n" + (1...count).map { "  - {name: l\($0), endpoint: /dev/i\($0), units: [\($0)]}\n" }.joined()
        }
        #expect(try configuration(file(16)).settings.lines.count == 16)
        let error = #expect(throws: YAMLError.self) { try configuration(file(17)) }
        #expect(error?.description.hasPrefix("c.yaml:18:5: lines[16]: more than 16 lines") == true)
    }

    @Test(
        "what two lines cannot both have is told where it is",
        arguments: [
            ("{endpoint: /dev/i}, {endpoint: /dev/j}", "1:29: lines[1]: name is missing; expected one that tells"),
            (
                "{endpoint: /dev/i}, {name: inverter, endpoint: /dev/j}",
                "1:36: lines[1].name: \"inverter\" is the name of lines[0]"
            ),
            (
                "{endpoint: /dev/i}, {name: b, endpoint: /dev/j}",
                "1:29: lines[1]: units is missing, as it is in lines[0], and listeners[0] (tcp) reaches both"
            ),
            (
                "{endpoint: /dev/i, units: [1]}, {name: b, endpoint: /dev/j, units: {1: 2}}",
                "1:80: lines[1].units.1: unit 1 is on lines[0] already"
            ),
            (
                "{endpoint: /dev/i, units: [1]}, {name: b, endpoint: /dev/j, units: [2, 1]}",
                "1:80: lines[1].units[1]: unit 1 is on lines[0] already"
            ),
            ("{endpoint: /dev/i, units: [1, 1]}", "1:39: lines[0].units[1]: unit 1 is there twice"),
            (
                "{endpoint: /dev/i, units: {256: 1}}",
                "1:36: lines[0].units: expected the number of a unit, 0 to 255, not \"256\""
            ),
            (
                "{endpoint: /dev/i, units: {1: 0}}, {name: b, endpoint: /dev/j, units: {1: 2}}",
                "1:83: lines[1].units.1: unit 1 is on lines[0] already"
            ),
            (
                "{endpoint: /dev/i, units: house}",
                "1:35: lines[0].units: expected the number of a unit, 0 to 255, not \"house\""
            ),
            ("{endpoint: /dev/i, units: }", "1:35: lines[0].units: is empty; write the units, or leave the key out"),
            (
                "{endpoint: /dev/i, dongle: {endpoint: /dev/i}}",
                "1:47: lines[0].dongle.endpoint: \"/dev/i\" is taken already by lines[0].endpoint"
            ),
            (
                "{endpoint: /dev/i, dongle: {endpoint: serial:///dev/i}}",
                "1:47: lines[0].dongle.endpoint: \"/dev/i\" is taken already by lines[0].endpoint"
            ),
            (
                "{endpoint: /dev/i, units: {1: 256}}",
                "1:39: lines[0].units.1: expected the number of a unit, 0 to 255, not \"256\""
            ),
            (
                "{endpoint: /dev/i, units: [1]}, {name: b, endpoint: /dev/i}",
                "1:61: lines[1].endpoint: \"/dev/i\" is taken already by lines[0].endpoint"
            ),
            (
                "{endpoint: /dev/i, units: [1]}, {name: b, endpoint: /dev/j, dongle: {endpoint: /dev/i}}",
                "1:88: lines[1].dongle.endpoint: \"/dev/i\" is taken already by lines[0].endpoint"
            ),
            (
                "{endpoint: tcp://A, units: [1]}, {name: b, endpoint: 'rtuovertcp://a:502'}",
                "1:62: lines[1].endpoint: \"rtuovertcp://a:502\" is taken already by lines[0].endpoint"
            ),
            ("{endpoint: /dev/i, units: [1]}, {name: b}", "1:41: lines[1]: one of endpoint, dataset and recording"),
            (
                "{endpoint: /dev/i}, {name: b, units: [1], endpoint: /dev/j, dataset: {name: d}}",
                "1:51: lines[1].endpoint: has no meaning in mode dataset"
            ),
            (
                "{dataset: {name: d}}, {name: b, units: [1], endpoint: /dev/j, poll: dataset}",
                "1:77: lines[1].poll: expected blocks"
            ),
        ])
    func unfit(_ lines: String, _ text: String) {
        let error = #expect(throws: YAMLError.self) { try configuration("lines: [\(lines)]") }
        #expect(error?.description.hasPrefix("c.yaml:\(text)") == true, "\(String(describing: error))")
    }

    @Test(
        arguments: [
            ("{endpoint: /dev/i, units: [4, 256, -1, 4]}", ["not \"256\"", "not \"-1\"", "unit 4 is there twice"]),
            ("{endpoint: /dev/i, units: {256: 1, 2: -1}}", ["not \"256\"", "not \"-1\""]),
            ("{endpoint: /dev/i, read-limits: {0: 1, 2: 126}}", ["not \"0\"", "not \"126\""]),
        ])
    func `each wrong unit is told`(_ lines: String, _ texts: [String]) {
        expectFaults("lines: [\(lines)]", texts)
    }

    @Test func `each conflict is told`() {
        expectFaults(
            """
            lines:
            - {endpoint: /dev/i, units: [1, 2], poll: dataset}
            - {endpoint: /dev/i, units: [1, 2]}
            - {name: c, endpoint: 'tcp://127.0.0.1:7', units: 3, dongle: {endpoint: /tmp/p}}
            listeners:
            - tcp: 127.0.0.1:7
            - {tcp: 127.0.0.1:7, line: d}
            - {pty: /tmp/p, line: e}
            """,
            [
                "2:43: lines[0].poll: expected", "3:3: lines[1]: name is missing",
                "3:14: lines[1].endpoint: \"/dev/i\" is taken",
                "3:30: lines[1].units[0]: unit 1", "3:33: lines[1].units[1]: unit 2",
                "4:23: lines[2].endpoint: \"127.0.0.1:7\" is a listener",
                "4:73: lines[2].dongle.endpoint: \"/tmp/p\" is a virtual port",
                "7:9: listeners[1].tcp: \"127.0.0.1:7\" is taken", "7:28: listeners[1].line: expected",
                "8:23: listeners[2].line: expected",
            ])
    }

    private func expectFaults(_ file: String, _ texts: [String]) {
        let error = #expect(throws: YAMLError.self) { try configuration(file) }
        let lines = error?.lines ?? []
        #expect(lines.count == texts.count, "\(lines)")
        for (line, text) in zip(lines, texts) { #expect(line.contains(text)) }
    }
}
