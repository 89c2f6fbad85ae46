/// Writes configurations that are right, with keys by chance, in the styles of YAML.
struct ConfigurationText {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    }

    mutating func configuration() -> String {
        let count = Int(pick(["1", "1", "2", "3"])) ?? 1
        var parts = ["lines:\n" + (0..<count).map { line($0, of: count) }.joined(separator: "\n")]
        // A single line that is simulated is what a pseudo-terminal leads to, which has no options then.
        let isSimulated = count == 1 && !parts[0].contains("endpoint: ")
        if chance(70) { parts.append(listeners(isSimulated: isSimulated)) }
        if chance(60) {
            parts.append(
                section(
                    "clients",
                    keys([
                        ("limit", ["1", "65535", "10"]), ("timeout", Self.timeouts), ("allow-broadcast", Self.truths),
                        ("limit-per-address", ["1", "65535"]), ("rate", ["0.1", "10000", "2.5"]),
                        ("read-only", Self.truths), ("allow", Self.blocks), ("deny", Self.blocks),
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

    private static let blocks = ["[]", "10.0.0.7", "[192.168.1.0/24, \"::1\", fd00::/8, 0.0.0.0/0]", "'::/0'"]

    private static let reads = ["off-grid", "{refuse: [2/off-grid, input:7]}", "{allow: holding:0-124}"]

    private mutating func line(_ index: Int, of count: Int) -> String {
        var entries: [(String, String)]
        switch pick(["device", "device", "server", "dataset", "recording"]) {
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
                [("file", "r\(index).jsonl.gz")]
                + keys([
                    ("speed", ["max", "1", "0.5", "10000"]), ("order", ["latest", "strict"]),
                    ("unseen", ["exception", "silence"]),
                ])
            entries = [("recording", flow(recording))]
        case "server":
            let server = pick([
                "tcp://10.0.0.", "'udp://10.0.0.", "rtuovertcp://gateway:1", "\"rtuoverudp://[fe80::1]:1",
                "'listen+tcp://*:600",
            ])
            let end = ["'": "'", "\"": "\""][String(server.prefix(1))] ?? ""
            entries =
                [("endpoint", "\(server)\(index + 1)\(end)")]
                + keys([("min-period", ["0", "250ms"]), ("retries", ["0", "10"])]) + dongle(index)
            if server.hasPrefix("tcp://") { entries += keys([("ignore-transaction-ids", Self.truths)]) }
            if server.contains("listen") { entries += keys([("allow", Self.blocks), ("deny", Self.blocks)]) }
            if server.contains("rtuover") { entries += keys([("silence", ["auto", "0"])]) }
        default:
            entries =
                [
                    (
                        "endpoint",
                        pick([
                            "/dev/tty\(index)", "'serial:///dev/i\(index)?baud=115200&format=7e2&rs485=low'",
                            "./tty\(index)",
                        ])
                    )
                ]
                + keys([
                    ("baud", ["50", "9600", "4000000"]), ("format", ["8N1", "7o2"]), ("rs485", ["high", "low"]),
                    ("min-period", ["0", "250ms", "0.5", "0.1", "\"0.2s\""]), ("silence", ["auto", "0", "1.75ms"]),
                    ("retries", ["0", "10"]), ("read-limit", ["1", "125"]),
                    ("read-limits", ["{1: 45}", "{1: 1, 255: 125}"]), ("silence-codes", ["224", "[1, 255]"]),
                    ("local-echo", Self.truths),
                    ("poll", ["input:3000-3124", "2/holding:0,meter:5-9"]),
                ]) + dongle(index)
        }
        entries += keys([("reads", Self.reads), ("rtimeout", ["1ms", "0.9"]), ("faults", ["'loss 5%; crc 1%'"])])
        if index > 0 || chance(50) { entries.append(("name", pick(["garage.", "x", "0-"]) + "\(index)")) }
        if index > 0 || chance(30) {
            let (one, other) = (index * 10 + 1, index * 10 + 2)
            entries.append(
                (
                    "units",
                    pick([
                        "[\(one), \(other)]", "{\(one): 1, \(other): 255}", "\(one)", "[]", "{\(other): \(one)}",
                        "{\(one): 0}",
                    ])
                ))
        }
        return "  - " + entries.map { "\($0.0): \($0.1)" }.joined(separator: "\n    ")
    }

    private mutating func dongle(_ index: Int) -> [(String, String)] {
        guard chance(50) else { return [] }
        let isDevice = chance(60)
        let server = pick(["rtuovertcp://ew11:\(index + 1)", "'listen+rtuovertcp://*:\(index + 9000)'"])
        let keys =
            [("endpoint", isDevice ? "/dev/dongle\(index)" : server)]
            + (isDevice ? keys([("baud", ["115200"]), ("format", ["8E1"])]) : [])
            + keys([
                ("timeout", ["1ms", "2"]), ("firmware-writes", ["31", "[]", "[0, 65535]"]), ("reads", Self.reads),
            ])
        return [("dongle", flow(keys))]
    }

    private mutating func listeners(isSimulated: Bool) -> String {
        let addresses = [
            "tcp: 0.0.0.0:502", "tcp: '*:0'", "sniff: '[::1]:7'", "tcp: \"[fe80::1%eth0]:502\"", "tcp: name:5020",
            "rtu-tcp: '*:503'", "udp: '*:502'", "rtu-udp: '*:503'",
        ]
        var chosen: [String] = []
        for address in addresses where chance(50) {
            let isFeed = address.hasPrefix("sniff")
            chosen.append(
                entry(
                    address,
                    keys(
                        (isFeed ? [] : [("read-only", Self.truths), ("reads", Self.reads)])
                            + [("allow", Self.blocks), ("deny", Self.blocks)]))
            )
        }
        if chance(40) {
            chosen.append(
                entry(
                    "tls: " + pick(["'*'", "gateway", "0.0.0.0:802"]),
                    [("certificate", "a.pem"), ("key", "'b c'"), ("client-ca", "./d")] + keys([("allow", Self.blocks)]))
            )
        }
        if chance(40) {
            chosen.append(
                entry(
                    "pty: /run/x",
                    isSimulated
                        ? []
                        : keys([
                            ("owner", ["root", "1000"]), ("group", ["dialout", "20"]),
                            ("mode", ["0660", "\"600\"", "0", "0o777"]),
                        ])))
        }
        if !chosen.contains(where: { !$0.contains("sniff") }) { chosen.append("  - \(addresses[0])") }
        return "listeners:\n" + chosen.joined(separator: "\n")
    }

    private func entry(_ first: String, _ rest: [(String, String)]) -> String {
        "  - " + ([first] + rest.map { "\($0.0): \($0.1)" }).joined(separator: "\n    ")
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
