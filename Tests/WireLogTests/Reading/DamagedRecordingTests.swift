import Reports
import Simulator
import Testing
import TestSupport

@testable import WireLog

/// What the reader makes of recordings that were damaged at random: never a crash, and what is whole stays as it was.
@Suite("Damaged recordings")
struct DamagedRecordingTests {
    private let words = RecordWords()

    /// Lines of all formats, without their newlines.
    private func lines() throws -> [[UInt8]] {
        var lines = try [
            Prototype.request(readHolding(0, 2), at: 1), Prototype.reply(holding(1, 2), at: 2),
            Prototype.timeout(at: 3), Prototype.drop("0103", at: 4),
        ].map { $0.dropLast() }.map { Array($0.utf8) }
        lines += [
            #"{"ts":"2025-09-21T21:58:43.667","role":"RSP","to_client":"TCP:10.0.0.7:502","crc_ok":true,"hex":"01030213ecb4f9","uid":1,"func":3,"rtt_ms":36.8,"queue_ms":0.4,"outcome":"ok","source":"bus","t":1758484723.667123}"#,
            #"{"ts":"2025-09-21T21:58:43.667","role":"WARN","event":"log_overflow","lost":12,"t":1758484723.667123}"#,
            #"{"role":"SYS","event":"inverter_online","baud":115200,"fmt":"8N1","t":-5.5}"#,
            #"{"ts": 1736868000.123, "op": "read_input", "unit": 1, "addr": 300, "count": 2, "regs": [1,65535]}"#,
            #"{"ts": 3, "op": "raw", "unit": 1, "func": 32, "pdu": "20012c0001", "reply": "20020004"}"#,
            #"{"ts":1.5,"op":"write_multiple","unit":1,"addr":45,"values":[25,-9,21],"error":"exception","code":2}"#,
            #"{"role":"\u0052EQ","from_client":"S\"H","hex":"0103002b0002b403","x":{"a":[1,{"b":"}"}]},"t":1.75e9}"#,
            #"{"level":"info"}"#, "Broker up",
        ].map { Array($0.utf8) }
        if RealData.isPresent {
            let recorded = try contents(RealData.recording).utf8.split(separator: 0x0A)
            lines += stride(from: 0, to: recorded.count, by: 37).map { Array(recorded[$0]) }
        }
        return lines
    }

    private func damage(_ line: inout [UInt8], _ random: inout RandomSource) {
        let place = Int.random(in: 0...line.count, using: &random)
        let end = Int.random(in: place...line.count, using: &random)
        switch Int.random(in: 0..<7, using: &random) {
        case 0 where place < line.count: line[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: line.removeSubrange(place..<end)
        case 2: line.insert(UInt8.random(in: .min ... .max, using: &random), at: place)
        case 3 where place < line.count:
            line.swapAt(place, Int.random(in: line.indices, using: &random))
        case 4:
            line.insert(
                contentsOf: [[0], [0xC3], [0xF0, 0x9F], Array(#"\""#.utf8)].randomElement(using: &random) ?? [],
                at: place)
        case 5: line.insert(contentsOf: line[place..<end], at: place)
        default:
            let characters = Array(#"{}[]",:\-.0129eEnt"#.utf8)
            line.insert(characters.randomElement(using: &random) ?? 0, at: place)
        }
        line.removeAll { $0 == 0x0A }
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `each line is understood, foreign or empty, the same as it is alone`(seed: UInt64) throws {
        var random = RandomSource(seed: seed)
        let sound = try lines().shuffled(using: &random)
        var (text, expected) = ([UInt8](), [RecordedLineContents]())
        for var line in sound {
            if Bool.random(using: &random) {
                for _ in 0..<Int.random(in: 1...4, using: &random) { damage(&line, &random) }
            }
            expected += try read(line + [0x0A]).lines.map(RecordedLineContents.init)
            text += line + (Bool.random(using: &random) ? [0x0D, 0x0A] : [0x0A])
        }
        let (lines, summary) = try read(text)
        #expect(lines.map(RecordedLineContents.init) == expected, "seed \(seed)")
        #expect(lines.count == summary.wireLogLines + summary.captureLines, "seed \(seed)")
        #expect(summary.lines == lines.count + summary.foreignLines, "seed \(seed)")
        #expect(summary.bytes == text.count, "seed \(seed)")
        var analysis = Analysis()
        for line in lines { analysis.take(line) }
        analysis.end()
        _ = analysis.json(summary)
    }

    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func `what the scanner reads, the full JSON reader reads as well`(seed: UInt64) throws {
        var random = RandomSource(seed: seed)
        var compared = 0
        for sound in try lines() {
            var line = sound
            for _ in 0..<Int.random(in: 0...2, using: &random) { damage(&line, &random) }
            var (clients, others, fields) = (RecordedClients(), RecordedClients(), RecordFields())
            let outcome = line.withUnsafeBytes { LineScanner.scan($0, words, &clients, into: &fields) }
            let decoded = line.withUnsafeBytes { RecordFields(json: $0, words, &others) }
            let text = "seed \(seed): \(String(decoding: line, as: UTF8.self))"
            if outcome == .foreign { #expect(decoded == nil, "\(text)") }
            guard outcome == .fields, let decoded else { continue }
            compared += 1
            #expect(
                fields.line.map(RecordedLineContents.init) == decoded.line.map(RecordedLineContents.init), "\(text)")
        }
        // Fewer where the real recordings are not there.
        #expect(compared > 1, "seed \(seed)")
    }

    @Test func `NUL, ten megabytes in a line and what is no UTF-8 are foreign lines, and the next line is read`() throws
    {
        let sound = Array(try Prototype.request(readHolding(0, 2), at: 1).utf8)
        let long = Array(#"{"role":"REQ","hex":""#.utf8) + [UInt8](repeating: UInt8(ascii: "0"), count: 10_000_000)
        let noise: [[UInt8]] = [[0], [0, 0x7B, 0], [0xFF, 0xFE, 0x7B, 0x00], [0x7B, 0x22, 0xC3, 0x28, 0x22], long]
        let (lines, summary) = try read(noise.flatMap { $0 + [0x0A] + sound })
        #expect(lines.count == noise.count)
        #expect(summary.foreignLines == noise.count)
        #expect(summary.firstForeignLines.map(\.number) == [1, 3, 5, 7, 9])
        #expect(summary.bytes == noise.reduce(0) { $0 + $1.count + 1 + sound.count })
    }
}
