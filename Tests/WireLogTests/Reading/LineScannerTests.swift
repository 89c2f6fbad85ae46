import Reports
import Simulator
import Testing
import TestSupport
import Text

@testable import WireLog

@Suite("Opening lines")
struct LineScannerTests {
    private let words = RecordWords()

    private func scanned(_ text: String) -> (LineScanner.Outcome, RecordedLine?) {
        var (clients, fields) = (RecordedClients(), RecordFields())
        let outcome = Array(text.utf8).withUnsafeBytes { LineScanner.scan($0, words, &clients, into: &fields) }
        return (outcome, fields.line)
    }

    private func decoded(_ text: String) -> RecordedLine? {
        var clients = RecordedClients()
        return Array(text.utf8).withUnsafeBytes { RecordFields(json: $0, words, &clients)?.line }
    }

    /// The line as its writer made it, in random order, with random spaces.
    private func shuffled(_ members: [String], _ random: inout RandomSource) -> String {
        let space = { (random: inout RandomSource) in ["", " ", "  "].randomElement(using: &random) ?? "" }
        let parts = members.shuffled(using: &random).map { space(&random) + $0 + space(&random) }
        return space(&random) + "{" + parts.joined(separator: ",") + "}" + space(&random)
    }

    @Test(arguments: 1...300 as ClosedRange<UInt64>)
    func `the scanner reads what a full JSON reader reads`(seed: UInt64) throws {
        var random = RandomSource(seed: seed)
        let bytes = (0..<Int.random(in: 1...20, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        var digits: [UInt8] = []
        digits.append(hex: bytes)
        let hex = String(decoding: digits, as: UTF8.self)
        let number = Int.random(in: -1000...1_000_000_000, using: &random)
        let lines = [
            [
                #""role": "RSP""#, #""to_client": "TCP:10.0.0.1:\#(number)""#, #""hex": "\#(hex)""#,
                #""t": \#(abs(number)).\#(abs(number) % 1000 + 1000)"#, #""outcome": "ok""#,
                #""rtt_ms": \#(abs(number) % 5000).5"#,
                #""other": true"#,
            ],
            [
                #""op": "read_holding""#, #""ts": 1736868000.123"#, #""unit": 7"#, #""addr": 3"#, #""count": 3"#,
                #""regs": [\#(number % 30000), 65535 , -1]"#, #""note": null"#,
            ],
            [#""role": "WARN""#, #""event": "log_overflow""#, #""lost": 12"#, #""ts": "2025-09-21T19:58:43.667""#],
        ]
        for members in lines {
            let text = shuffled(members, &random)
            let (outcome, line) = scanned(text)
            #expect(outcome == .fields, "seed \(seed): \(text)")
            #expect(
                line.map(RecordedLineContents.init) == decoded(text).map(RecordedLineContents.init),
                "seed \(seed): \(text)")
            #expect(line != nil, "seed \(seed): \(text)")
        }
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func `damaged lines are never a crash`(seed: UInt64) throws {
        var random = RandomSource(seed: seed)
        let sound = try [
            Prototype.request(readHolding(0, 2), at: 1), Prototype.reply(holding(1, 2), at: 2),
            #"{"ts": 1.5, "op": "write_multiple", "unit": 1, "addr": 45, "values": [25,9,21], "t": 99999999999.999999}"#
                + "\n",
            #"{"role":"SYS","event":"started","baud":115200,"fmt":"8N1","lost":999999999999,"rtt_ms":99999999999,"t":-5}"#
                + "\n",
        ].joined()
        var bytes = Array(sound.utf8)
        for _ in 0..<Int.random(in: 1...12, using: &random) {
            let index = Int.random(in: bytes.indices, using: &random)
            let characters = Array(#"{}[]",:\-.0129eE"#.utf8) + [10, 0, 255, UInt8.random(in: 0...255, using: &random)]
            bytes[index] = characters.randomElement(using: &random) ?? 0
        }
        var analysis = Analysis()
        for line in try read(bytes).lines { analysis.take(line) }
        analysis.end()
        #expect(analysis.outcomes.requests <= 8, "seed \(seed)")
    }
}
