import TestSupport
@testable import Reports
import Growatt
import Modbus
import Simulator
import Testing

@Suite("Datasets of recordings")
struct CompactionTests {
    private func result(_ text: String, _ statistic: Compaction.Statistic = .last) throws -> CompactionResult {
        let (lines, summary) = try read(text)
        var compaction = Compaction(statistic)
        for line in lines { compaction.take(line) }
        compaction.end()
        return compaction.result(of: ["logs/wire.jsonl"], summary)
    }

    private func log(_ values: [UInt16], unit: UInt8 = 1) throws -> String {
        try values.enumerated().map { index, value in
            try Prototype.request(readHolding(100, 1), unit: unit, at: 1000 * index)
                + Prototype.reply(holding(value), unit: max(1, unit), at: 1000 * index + 40)
        }.joined()
    }

    @Test(
        "One value of each register is taken",
        arguments: [(.last, 3), (.first, 5), (.min, 1), (.max, 60_000), (.median, 4)]
            as [(Compaction.Statistic, UInt16)])
    func statistic(_ statistic: Compaction.Statistic, _ expected: UInt16) throws {
        let result = try result(log([5, 60_000, 1, 4, 3]), statistic)
        #expect(result.dataset.units[1]?.holding == [100: expected])
    }

    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func `the median is that of all values`(seed: UInt64) throws {
        var random = RandomSource(seed: seed)
        let spread = UInt16.random(in: 1...UInt16.max, using: &random)
        let values = (0..<Int.random(in: 1...60, using: &random)).map { _ in
            UInt16.random(in: 0...spread, using: &random)
        }
        let result = try result(log(values), .median)
        #expect(result.dataset.units[1]?.holding[100] == values.sorted()[(values.count - 1) / 2], "seed \(seed)")
    }

    @Test func `where memory does not reach, medians are of what had room, and the result says so`() throws {
        // A register's values take two blocks of 1 kB, and one more for each further high byte; the first block is unused.
        func result(_ kilobytes: Int) throws -> CompactionResult {
            let text = try (0..<7).map { index in
                let steady = UInt16(index), jumping = UInt16(index) << 8
                return try Prototype.request(readHolding(100, 3), at: 1000 * index)
                    + Prototype.reply(holding(steady, jumping, 9), at: 1000 * index + 40)
            }.joined()
            let (lines, summary) = try read(text)
            var compaction = Compaction(.median, medianMemory: kilobytes << 10)
            for line in lines { compaction.take(line) }
            compaction.end()
            return compaction.result(of: ["log"], summary)
        }
        let whole = try result(11)
        #expect(whole.dataset.units[1]?.holding == [100: 3, 101: 3 << 8, 102: 9])
        #expect(whole.remarks == [])
        // Of the second one: 0, 0x100 and 0x200.
        let part = try result(7)
        #expect(part.dataset.units[1]?.holding == [100: 3, 101: 1 << 8, 102: 9])
        #expect(part.remarks == ["1 median of a part of the values: more than fit"])
        let nothing = try result(1)
        #expect(nothing.dataset.units[1]?.holding == [100: 0, 101: 0, 102: 9])
        #expect(nothing.remarks == ["2 medians of a part of the values: more than fit"])
    }

    @Test func `what is read from unit 0 is of the unit that answered`() throws {
        #expect(try result(log([7], unit: 0)).dataset.units == [1: .init(holding: [100: 7])])
    }

    @Test func `tables and units are kept apart, and the meter is one of them`() throws {
        let text = """
            {"ts": 1, "op": "read_input", "unit": 1, "addr": 300, "count": 2, "regs": [1,2]}
            {"ts": 2, "op": "read_holding", "unit": 2, "addr": 300, "count": 1, "regs": [3]}
            {"ts": 3, "op": "raw", "unit": 1, "func": 32, "pdu": "20012c0001", "reply": "20020004"}
            {"ts": 4, "op": "read_input", "unit": 1, "addr": 255, "count": 2, "regs": [5,6]}

            """
        let dataset = try result(text).dataset
        #expect(dataset.units[1]?.input == [255: 5, 256: 6, 300: 1, 301: 2])
        #expect(dataset.units[1]?.meter == [300: 4])
        #expect(dataset.units[2]?.holding == [300: 3])
    }

    @Test func `late replies, exceptions and writes give no values`() throws {
        let text = try [
            Prototype.request(readHolding(0, 2), at: 0), Prototype.timeout(at: 1500),
            Prototype.request(readHolding(50, 1), at: 2000), Prototype.reply(holding(1, 2), at: 2100),
            Prototype.request(readHolding(60, 1), at: 3000), Prototype.reply([0x83, 2], at: 3040),
            Prototype.request([6, 0, 70, 0, 9], at: 4000), Prototype.reply([6, 0, 70, 0, 9], at: 4040),
        ].joined()
        let result = try result(text)
        #expect(result.isEmpty)
        #expect(result.strayReplies == 1)
        #expect(result.requests == 4)
    }

    @Test func `the dataset tells where it is from, and is read back`() throws {
        let dataset = try result(log([1, 2])).dataset
        #expect(dataset.note("_source", of: 1) == "growatt-broker compact, last of wire.jsonl")
        #expect(dataset.note("_captured", of: 1) == "2025-09-21 00:00:00 to 2025-09-21 00:00:01")
        #expect(try Dataset(json: dataset.json, file: "x") == dataset)
    }
}
