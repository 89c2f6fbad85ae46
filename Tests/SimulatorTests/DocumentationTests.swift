import Foundation
import Growatt
import Settings
import Testing

@testable import Simulator

/// What docs/datasets.md, docs/profiles.md and docs/faults.md say is true.
struct DocumentationTests {
    @Test func `every example of a profile is taken`() throws {
        let examples = try Self.blocks("profiles", "yaml")
        #expect(examples.count >= 3)
        for example in examples {
            var profile = Profile()
            try profile.add(yaml: Array(example.utf8), file: "docs/profiles.md")
        }
    }

    @Test func `the example of a dataset is taken, and is written as it stands`() throws {
        let examples = try Self.blocks("datasets", "json")
        #expect(!examples.isEmpty)
        for example in examples {
            let dataset = try Dataset(json: Array(example.utf8), file: "docs/datasets.md")
            let again = String(decoding: dataset.json, as: UTF8.self)
            #expect(again == example.replacing("-500", with: "65036"))
        }
    }

    @Test func `the example of a series is taken`() throws {
        let example = try #require(try Self.blocks("profiles", "text").first)
        #expect(try CSVSeries(example, column: "voltage", repeats: false).values == [231.5, 231.7])
    }

    @Test func `every quantity, shipped profile and shipped dataset is described`() throws {
        let profiles = try Self.text("profiles")
        for name in PlantQuantity.all.map(\.name) {
            let energy = name.split(separator: ".")
            let isEnergy = energy.dropLast().last == "energy"
            let described = isEnergy ? energy.dropLast().joined(separator: ".") : name
            #expect(profiles.contains("`\(described)`"), "\(name)")
        }
        for name in Resource.profiles { #expect(profiles.contains("| `\(name)` |"), "\(name)") }
        let datasets = try Self.text("datasets")
        for name in Resource.datasets { #expect(datasets.contains("`--dataset \(name)`"), "\(name)") }
    }

    @Test func `every example of faults is taken, on the command line and as a file`() throws {
        let examples = try Self.text("faults").components(separatedBy: "--faults '").dropFirst().compactMap {
            $0.components(separatedBy: "'").first
        }
        #expect(examples.count >= 6)
        for example in examples { #expect(throws: Never.self, "\(example)") { try FaultRules(example) } }
        for file in try Self.blocks("faults", "yaml") { #expect(try FaultRulesTests.reading(file).seed == 7) }
    }

    /// The table under "Rules" has a row for each kind, in the order of the list, with the keys that the kind has.
    @Test func `the table of faults is the list of kinds`() throws {
        let rules = try #require(
            try Self.text("faults").components(separatedBy: "## Rules\n").last?.components(separatedBy: "\n## ").first)
        let table = try #require(rules.components(separatedBy: "\n\n").first { $0.hasPrefix("| fault |") })
        let rows = table.split(separator: "\n").dropFirst(2).map { $0.components(separatedBy: " | ") }
        #expect(rows.map { $0[0] } == FaultKinds.all.map { "| `\($0.word)`" })
        for (row, kind) in zip(rows, FaultKinds.all) {
            for key in FaultKinds.keys {
                #expect(row[1].contains("`\(key)`") == kind.keys.contains(key), "\(kind.word): \(key)")
            }
        }
    }

    /// The examples of a kind.
    private static func blocks(_ page: String, _ kind: String) throws -> [String] {
        try text(page).components(separatedBy: "```\(kind)\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
    }

    private static func text(_ page: String) throws -> String {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appendingPathComponent("docs/\(page).md"), encoding: .utf8)
    }
}
