import Testing

@testable import Recording

/// What `analyze`, `compact`, `diff` and `replay` make of files that were damaged at random: a result, or one clear error.
@Suite("Damaged files")
struct DamagedFilesTests {
    private static let numbers = [
        "0", "-1", "-0", "65536", "1e308", "-1e308", "1e-308", "9223372036854775807", "-9223372036854775808",
        "18446744073709551616", "999999999999", "253402300800", "-62135596800", "0.0000001", "36028797018963968",
        "99999999999999999999999999999999999999", "NaN", "1e", "--1",
    ]
    private static let texts = [
        "\u{9B}31m", "\u{202E}", "\u{2028}", "\u{7F}", "\\u0000", "\\ud800", "</script>", "\u{1B}[2J",
    ]

    /// A line of a log, or a part of a dataset, with one thing put in the place of another.
    private func damage(_ text: String, _ random: inout SplitMix64) -> String {
        var bytes = Array(text.utf8)
        guard !bytes.isEmpty else { return text }
        let place = Int.random(in: bytes.indices, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...20, using: &random)))
        case 2: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 30)], at: place)
        case 3: bytes.insert(contentsOf: (Self.texts.randomElement(using: &random) ?? "").utf8, at: place)
        default:
            // Numbers are what arithmetic trips over: one in the place of another.
            let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) || byte == 0x2E || byte == 0x2D }
            guard let start = bytes[place...].firstIndex(where: isDigit) else { break }
            let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.endIndex
            bytes.replaceSubrange(start..<end, with: (Self.numbers.randomElement(using: &random) ?? "").utf8)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func recording() throws -> [String] {
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
        ].map { $0.trimmedNewline }
    }

    private static let dataset = """
        {"_model": "x", "holding": {"0": 1, "65535": 65535, "30": -1}, "input": {"0": 0}, "units": {"2": {"meter": \
        {"1": 2}}, "247": {"holding": {"5": -32768}}}}
        """

    private static let scan = """
        SCAN METADATA
        Slave ID,3
        DETECTION ANALYSIS
        Detected Model,MIN 3000-6000TL-XH
        REGISTER DATA
        Register,Hex,Raw Value,×0.1,×0.01,Signed,32-bit Combined (with next reg),Entity Value,Suggested Match,Status/Comment
        --- Holding Registers (Key Registers) ---
        H9,0x0009,16716,1671.6,167.16,16716,,,,"Read OK [Firmware version] ASCII: 'AL'"
        --- Base Range 0-124 ---
        2,0x0002,65535,6553.5,655.35,-1,,,,Read OK
        3,0x0003,,,,,,,,"Exception: ModbusIOException, no reply"

        """

    private func isClean(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0 == "\n" || !$0.isControl }
    }

    @Test(arguments: 1...300 as ClosedRange<UInt64>)
    func `a recording is analyzed, compacted, compared and played, or told as none`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var lines = try recording()
        for _ in 0..<8 {
            let place = Int.random(in: lines.indices, using: &random)
            lines[place] = damage(lines[place], &random)
            if Int.random(in: 0..<4, using: &random) == 0 { lines.shuffle(using: &random) }
        }
        let (opened, summary) = try read(Array(lines.joined(separator: "\n").utf8))
        var (analysis, compaction, played) = (Analysis(), Compaction(.last), ExchangePairing())
        for line in opened {
            analysis.take(line)
            compaction.take(line)
            played.take(line) { _ in }
        }
        analysis.end()
        compaction.end()
        played.end { _ in }
        let page = AnalysisPage(analysis, summary, files: ["x"])
        #expect(isClean(page.html), "seed \(seed)")
        #expect(isClean(AnalysisText(analysis, summary).text), "seed \(seed)")
        #expect(isClean(String(decoding: analysis.json(summary), as: UTF8.self)), "seed \(seed)")
        _ = compaction.result(of: ["x"], summary).text("out")
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `a dataset is read and compared, or one line says why not`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<100 {
            var text = Self.dataset
            for _ in 0..<Int.random(in: 1...4, using: &random) { text = damage(text, &random) }
            do throws(DatasetError) {
                let dataset = try Dataset(json: Array(text.utf8), file: "d.json")
                #expect(!dataset.units.isEmpty)
            } catch {
                #expect(error.description.onOneLine.hasPrefix("d.json: "), "seed \(seed): \(text)")
                #expect(!error.reason.isEmpty)
            }
        }
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `a register scan is read, or one line says why not`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<100 {
            var text = Self.scan
            for _ in 0..<Int.random(in: 1...4, using: &random) { text = damage(text, &random) }
            do throws(DatasetError) {
                let dataset = try RegisterScan(Array(text.utf8), file: "s.csv").dataset()
                #expect(!dataset.units.isEmpty)
            } catch {
                #expect(error.description.onOneLine.hasPrefix("s.csv"), "seed \(seed): \(text)")
                #expect(!error.reason.isEmpty)
            }
        }
    }
}

extension String {
    fileprivate var trimmedNewline: String { hasSuffix("\n") ? String(dropLast()) : self }
}
