import TestSupport
@testable import Reports
import Growatt
import Modbus
import Testing
import Text

import WireLog

@Suite("Comparing datasets and recordings")
struct ComparisonTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func side(_ name: String, _ text: String) throws -> ComparedRegisters {
        try makeFile(directory[name], text)
        return try ComparedRegisters(path: directory[name]) { path, take in
            var reader = RecordingReader()
            try reader.read(path, take)
            return reader.summary
        }
    }

    @Test func `registers are added, removed, changed or the same`() throws {
        let comparison = Comparison(
            try side("a", #"{"holding": {"1": 1, "2": 2, "3": 3, "4": 4}}"#),
            try side("b", #"{"holding": {"2": 2, "3": 30, "10": 1, "11": 1}, "units": {"2": {"input": {"0": 1}}}}"#))
        #expect(comparison.removed.map(\.address) == [1, 4])
        #expect(comparison.added.map(\.address) == [10, 11, 0])
        #expect(comparison.changes.map(\.key.address) == [3])
        #expect(comparison.unchanged == 1)
        let text = comparison.text
        #expect(text.contains("1 unchanged, 1 changed, 0 with overlapping values, 3 added, 2 removed"))
        #expect(text.contains("unit 1 holding 10–11"))
        #expect(text.contains("unit 2 input 0"))
    }

    @Test func `a recording has ranges of values`() throws {
        func log(_ values: [UInt16]) throws -> String {
            try values.enumerated().map { index, value in
                try Prototype.request(readHolding(100, 2), at: 1000 * index)
                    + Prototype.reply(holding(value, 7), at: 1000 * index + 40)
            }.joined()
        }
        let comparison = Comparison(
            try side("a.jsonl", "Broker up\n" + log([5, 9])), try side("b", #"{"holding": {"100": 20, "101": 7}}"#))
        #expect(comparison.before.origin == .recording)
        #expect(comparison.changes.map(\.overlaps) == [false])
        #expect(comparison.text.contains("5…9"))
        let overlapping = Comparison(try side("c.jsonl", log([5, 9])), try side("d.jsonl", log([9, 12])))
        #expect(overlapping.changes.map(\.overlaps) == [true])
        #expect(overlapping.unchanged == 1)
    }

    @Test func `the JSON has every list`() throws {
        let comparison = Comparison(
            try side("a", #"{"holding": {"1": 1, "2": 5}}"#), try side("b", #"{"holding": {"2": 6, "3": 0}}"#))
        let members = try #require(try JSONReader.value(of: comparison.json).members)
        #expect(members.map(\.key) == ["a", "b", "unchanged", "changed", "added", "removed", "remarks"])
        let added = members.first { $0.key == "added" }?.value
        #expect(
            added
                == .array([
                    .object([
                        .init("unit", .number("1")), .init("table", .string("holding")), .init("first", .number("3")),
                        .init("last", .number("3")),
                    ])
                ]))
    }

    @Test func `what is neither is refused by name`() throws {
        let error = try #require(throws: DatasetError.self) { try side("notes.txt", "hello\n") }
        #expect(
            error.description.hasPrefix("\(directory["notes.txt"]): no recording; and no dataset: line 1, column 1"))
    }
}
