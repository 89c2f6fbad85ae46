package import Growatt
package import Modbus
internal import Settings
package import Text

/// What a scan has found out about one unit.
package struct ScanRecord: Hashable, Sendable {
    package var found = Dataset.Unit()
    /// Addresses that the unit refuses.
    package var missing: [RegisterTable: [ClosedRange<Int>]] = [:]
    /// Addresses about which it says nothing.
    package var silent: [RegisterTable: [ClosedRange<Int>]] = [:]
    /// How many requests that took.
    package var requests = 0

    package init() {}

    package init(
        found: Dataset.Unit, missing: [RegisterTable: [ClosedRange<Int>]],
        silent: [RegisterTable: [ClosedRange<Int>]], requests: Int = 0
    ) {
        self.requests = requests
        self.found = found
        self.missing = missing
        self.silent = silent
    }
}

extension ScanRecord {
    private static let missingKey = "_missing"
    private static let silentKey = "_silent"

    /// The dataset of a scan: the registers, and as notes where they are from and what is not there.
    ///
    /// - Parameter notes: go before.
    package func dataset(of unit: UnitIdentifier, notes: [JSONValue.Member]) -> Dataset {
        var notes = notes
        for (key, ranges) in [(Self.missingKey, missing), (Self.silentKey, silent)] where !ranges.isEmpty {
            notes.append(.init(key, Self.json(ranges)))
        }
        return Dataset(units: [unit: found], notes: notes)
    }

    private static func json(_ ranges: [RegisterTable: [ClosedRange<Int>]]) -> JSONValue {
        .object(
            RegisterTable.allCases.compactMap { table in
                ranges[table].map { ranges in
                    JSONValue.Member(
                        table.rawValue, .string(ScanRanges.merged(ranges).map(\.text).joined(separator: ",")))
                }
            })
    }

    /// What an unfinished scan has left.
    ///
    /// - Throws: ``ToolError/failed(_:)`` if it is of another unit, or its notes are none of a scan.
    package init(_ dataset: Dataset, of unit: UnitIdentifier, file: String) throws(ToolError) {
        guard let found = dataset.units[unit], dataset.units.count == 1 else {
            let others = dataset.units.keys.sorted().map(\.description).joined(separator: ", ")
            throw .failed("\(file): is of unit \(others), not of unit \(unit); expected another --out, or --restart")
        }
        self.found = found
        missing = try Self.ranges(Self.missingKey, dataset, file)
        silent = try Self.ranges(Self.silentKey, dataset, file)
        let counts = dataset.notes.first { $0.key == "_counts" }?.value.members
        requests = max(0, counts?.first { $0.key == "requests" }?.value.integer ?? 0)
    }

    private static func ranges(
        _ key: String, _ dataset: Dataset, _ file: String
    ) throws(ToolError) -> [RegisterTable: [ClosedRange<Int>]] {
        guard let note = dataset.notes.first(where: { $0.key == key }) else { return [:] }
        var result: [RegisterTable: [ClosedRange<Int>]] = [:]
        for member in note.value.members ?? [] {
            guard let table = RegisterTable(rawValue: member.key), let text = member.value.string,
                let ranges = AddressRanges.list(text)
            else {
                throw .failed(
                    "\(file): \(key).\(member.key): expected ranges of addresses, not \(member.value.summary)")
            }
            result[table] = ranges
        }
        return result
    }
}

/// Ranges as written: `0-124,3000,3100-3124`.
package enum AddressRanges {
    package static let allowed = "ranges such as 0-124,3000-3124 with addresses from 0 to 65535"

    /// Nil: it is none.
    package static func list(_ text: String) -> [ClosedRange<Int>]? {
        var ranges: [ClosedRange<Int>] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int(digits: $0) }
            guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first <= last,
                last <= 65535
            else { return nil }
            ranges.append(first...last)
        }
        return ranges
    }
}
