import TestSupport
@testable import Growatt
@testable import Reports
import Simulator
import Testing
import Text

import WireLog

/// What `analyze`, `compact` and `diff` make of files that were damaged at random: a result, or one clear error.
@Suite("Damaged files")
struct DamagedFilesTests {
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

    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func isClean(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0 == "\n" || !$0.isControl }
    }

    @Test(arguments: 1...300 as ClosedRange<UInt64>)
    func `a recording is analyzed, compacted and compared, or told as none`(seed: UInt64) throws {
        let text = try Damage.recording(seed: seed)
        let (opened, summary) = try read(Array(text.utf8))
        var (analysis, compaction) = (Analysis(), Compaction(.last))
        for line in opened {
            analysis.take(line)
            compaction.take(line)
        }
        analysis.end()
        compaction.end()
        let page = AnalysisPage(analysis, summary, files: ["x"])
        #expect(isClean(page.html), "seed \(seed)")
        #expect(isClean(AnalysisText(analysis, summary).text), "seed \(seed)")
        #expect(isClean(String(decoding: analysis.json(summary), as: UTF8.self)), "seed \(seed)")
        _ = compaction.result(of: ["x"], summary).text("out")
        try compare(text, with: Damage.recording(seed: 1001 - seed), "seed \(seed)")
    }

    /// What `diff` says of two files, or why it does not.
    private func compare(_ before: String, with after: String, _ what: Comment) throws {
        let paths = [directory["a"], directory["b"]]
        for (path, text) in zip(paths, [before, after]) { try makeFile(path, text) }
        do {
            let sides = try paths.map { path in
                try ComparedRegisters(path: path) { path, take in
                    var reader = RecordingReader()
                    try reader.read(path, take)
                    return reader.summary
                }
            }
            let comparison = Comparison(sides[0], sides[1])
            #expect(isClean(comparison.text), what)
            #expect(isClean(String(decoding: comparison.json, as: UTF8.self)), what)
            let registers = comparison.removed.count + comparison.changes.count + comparison.unchanged
            #expect(registers == comparison.before.ranges.count, what)
        } catch let error as DatasetError {
            #expect(error.description.onOneLine.hasPrefix(directory.path), what)
        }
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `a dataset is read and compared, or one line says why not`(seed: UInt64) throws {
        var random = RandomSource(seed: seed)
        for _ in 0..<100 {
            var text = Self.dataset
            for _ in 0..<Int.random(in: 1...4, using: &random) { text = Damage.damage(text, &random) }
            if Int.random(in: 0..<10, using: &random) == 0 { try compare(text, with: Self.dataset, "seed \(seed)") }
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
    func `a register scan is read and compared, or one line says why not`(seed: UInt64) throws {
        var random = RandomSource(seed: seed)
        for _ in 0..<100 {
            var text = Self.scan
            for _ in 0..<Int.random(in: 1...4, using: &random) { text = Damage.damage(text, &random) }
            if Int.random(in: 0..<10, using: &random) == 0 { try compare(text, with: Self.scan, "seed \(seed)") }
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
