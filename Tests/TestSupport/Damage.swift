package import Simulator

/// Files that are damaged at random.
package enum Damage {
    private static let numbers = [
        "0", "-1", "-0", "65536", "1e308", "-1e308", "1e-308", "9223372036854775807", "-9223372036854775808",
        "18446744073709551616", "999999999999", "253402300800", "-62135596800", "0.0000001", "36028797018963968",
        "99999999999999999999999999999999999999", "NaN", "1e", "--1",
    ]
    private static let texts = [
        "\u{9B}31m", "\u{202E}", "\u{2028}", "\u{7F}", "\\u0000", "\\ud800", "</script>", "\u{1B}[2J",
    ]

    /// A line of a log, or a part of a dataset, with one thing put in the place of another.
    package static func damage(_ text: String, _ random: inout RandomSource) -> String {
        var bytes = Array(text.utf8)
        guard !bytes.isEmpty else { return text }
        let place = Int.random(in: bytes.indices, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...20, using: &random)))
        case 2: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 30)], at: place)
        case 3: bytes.insert(contentsOf: (texts.randomElement(using: &random) ?? "").utf8, at: place)
        default:
            // Numbers are what arithmetic trips over: one in the place of another.
            let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) || byte == 0x2E || byte == 0x2D }
            guard let start = bytes[place...].firstIndex(where: isDigit) else { break }
            let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.endIndex
            bytes.replaceSubrange(start..<end, with: (numbers.randomElement(using: &random) ?? "").utf8)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Lines of every kind, some of them damaged, some not in their order.
    package static func recording(seed: UInt64) throws -> String {
        var random = RandomSource(seed: seed)
        var lines = try recording()
        for _ in 0..<8 {
            let place = Int.random(in: lines.indices, using: &random)
            lines[place] = damage(lines[place], &random)
            if Int.random(in: 0..<4, using: &random) == 0 { lines.shuffle(using: &random) }
        }
        return lines.joined(separator: "\n")
    }

    private static func recording() throws -> [String] {
        let exchange = #"{"ts":"2025-09-21T21:58:43.667","role":"RSP","to_client":"TCP:10.0.0.7:502","crc_ok":true,"#
        return try [
            Prototype.request(readHolding(0, 2), at: 1), Prototype.reply(holding(1, 2), at: 2),
            Prototype.timeout(at: 3),
            Prototype.request(readHolding(0, 2), at: 4), Prototype.drop("0103", at: 5),
            #"{"ts":"2025-09-21T21:58:43.600","role":"REQ","from_client":"TCP:10.0.0.7:502","hex":"0103002b0002b403","t":1758484723.6}"#,
            exchange
                + #""hex":"01030213ecb4f9","uid":1,"func":3,"rtt_ms":36.8,"queue_ms":0.4,"outcome":"ok","t":1758484723.667123}"#,
            #"{"ts":"2025-09-21T21:58:44.000","role":"WARN","event":"log_overflow","lost":12,"t":1758484724.0}"#,
            #"{"role":"SYS","event":"inverter_online","baud":115200,"fmt":"8N1","t":1758484725.5}"#,
            #"{"ts": 1758484726.123, "op": "read_input", "unit": 1, "addr": 300, "count": 2, "regs": [1,65535]}"#,
            #"{"ts": 1758484727, "op": "raw", "unit": 1, "func": 32, "pdu": "20012c0001", "reply": "20020004"}"#,
            #"{"ts":1758484728.5,"op":"write_multiple","unit":1,"addr":45,"values":[25,-9,21],"error":"exception","code":2}"#,
        ].map { $0.hasSuffix("\n") ? String($0.dropLast()) : $0 }
    }
}
