/// Writes configurations that are right, with keys by chance, in the styles of YAML.
struct ConfigurationText {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    }

    mutating func configuration() -> String {
        var parts = [lines()]
        if chance(70) { parts.append(listeners()) }
        if chance(60) {
            parts.append(
                section(
                    "clients",
                    keys([
                        ("limit", ["1", "65535", "10"]), ("timeout", Self.timeouts), ("allow-broadcast", Self.truths),
                    ])))
        }
        if chance(60) {
            parts.append(
                section(
                    "log",
                    keys([
                        ("file", ["none", "\"-\"", "/var/log/a b.jsonl", "'x: #y'"]),
                        ("max-size", ["0", "1K", "100M", "5000"]),
                        ("level", ["error", "warning", "info", "debug"]),
                    ])))
        }
        if chance(40) { parts.append("capture:\n  file: /tmp/c.jsonl\n  max-size: 2G") }
        if chance(40) { parts.append("control: " + pick(["none", "auto", "/run/x", "./y"])) }
        if chance(30) { parts.append("duration: " + pick(["1ms", "720h", "2.5"])) }
        return parts.joined(separator: "\n") + (chance(50) ? "\n" : "")
    }

    private static let truths = ["true", "false"]
    private static let timeouts = ["0.301", "1h", "2500ms", "3.0", "3"]

    private mutating func lines() -> String {
        var entries: [(String, String)]
        switch pick(["line", "line", "dataset", "recording"]) {
        case "dataset":
            let dataset =
                [("name", pick(["min-6000tl-xh", "./my data.json"]))].map { ($0.0, quoted($0.1)) }
                + keys([
                    ("profiles", ["[]", "[sunny-day, counter]", "static"]), ("strict", Self.truths),
                    ("read-limit", ["none", "45", "125"]), ("time-scale", ["0.01", "3600", "60"]),
                    ("start-time", ["6:30", "06:30:15", "24:00"]), ("seed", ["0", "18446744073709551615"]),
                    ("reply-time", ["0", "60", "28ms"]), ("baud", ["50", "4000000"]),
                ])
            entries = [("dataset", flow(dataset))]
        case "recording":
            let recording =
                [("file", "r.jsonl.gz")]
                + keys([
                    ("speed", ["max", "1", "0.5", "10000"]), ("order", ["latest", "strict"]),
                    ("unseen", ["exception", "silence"]),
                ])
            entries = [("recording", flow(recording))]
        default:
            entries =
                [("endpoint", pick(["/dev/ttyUSB0", "'serial:///dev/i?baud=115200&format=7e2&rs485=low'", "./tty"]))]
                + keys([
                    ("baud", ["50", "9600", "4000000"]), ("format", ["8N1", "7o2"]), ("rs485", ["high", "low"]),
                    ("min-period", ["0", "1h", "850ms", "0.5", "\"2s\""]), ("silence", ["auto", "0", "1.75ms"]),
                    ("retries", ["0", "10"]), ("local-echo", Self.truths),
                    ("poll", ["input:3000-3124", "2/holding:0,meter:5-9"]),
                ])
            if chance(50) {
                let dongle =
                    [("endpoint", "/dev/ttyUSB1")]
                    + keys([
                        ("baud", ["115200"]), ("format", ["8E1"]), ("timeout", ["1ms", "2"]),
                        ("firmware-writes", ["31", "[]", "[0, 65535]"]),
                    ])
                entries.append(("dongle", flow(dongle)))
            }
        }
        entries += keys([
            ("name", ["inverter", "garage.1", "x"]), ("rtimeout", ["1ms", "0.9"]), ("faults", ["'loss 5%; crc 1%'"]),
        ])
        return "lines:\n  - " + entries.map { "\($0.0): \($0.1)" }.joined(separator: "\n    ")
    }

    private mutating func listeners() -> String {
        let all = [
            "tcp: 0.0.0.0:502", "tcp: '*:0'", "sniff: '[::1]:7'", "tcp: \"[fe80::1%eth0]:502\"", "tcp: name:5020",
        ]
        let chosen = all.filter { _ in chance(60) }
        let isEnough = chosen.contains { $0.hasPrefix("tcp") }
        return "listeners:\n" + ((isEnough ? chosen : chosen + [all[0]]).map { "  - \($0)" }).joined(separator: "\n")
    }

    private mutating func keys(_ all: [(String, [String])]) -> [(String, String)] {
        all.filter { _ in chance(50) }.map { ($0.0, pick($0.1)) }
    }

    private mutating func section(_ key: String, _ entries: [(String, String)]) -> String {
        if chance(50) { return "\(key): \(flow(entries))" }
        return ([key + ":"] + entries.map { "  \($0.0): \($0.1)" }).joined(separator: "\n")
    }

    private func flow(_ entries: [(String, String)]) -> String {
        "{" + entries.map { "\($0.0): \($0.1)" }.joined(separator: ", ") + "}"
    }

    private func quoted(_ text: String) -> String { "\"\(text)\"" }

    private mutating func pick(_ choices: [String]) -> String { choices[Int(next() % UInt64(choices.count))] }

    private mutating func chance(_ percent: UInt64) -> Bool { next() % 100 < percent }

    private mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state >> 8
    }
}
