internal import Growatt
internal import Modbus
internal import Text

extension Comparison {
    /// For people: one line for each changed register, ranges of addresses for the others.
    package var text: String {
        let (disjoint, overlapping) = (changes.filter { !$0.overlaps }, changes.filter(\.overlaps))
        var lines = [
            "A: \(before.title)", "B: \(after.title)", "",
            "\(FigureText.count(unchanged)) unchanged, \(FigureText.count(disjoint.count)) changed, "
                + "\(FigureText.count(overlapping.count)) with overlapping values, \(FigureText.count(added.count)) added, "
                + "\(FigureText.count(removed.count)) removed",
        ]
        lines += Self.list("Changed: no value in common", disjoint)
        lines += Self.list("Overlapping: other values, some of them possibly the same", overlapping)
        lines += Self.list("Added: only in B", added)
        lines += Self.list("Removed: only in A", removed)
        lines += before.remarks + after.remarks
        return lines.joined(separator: "\n")
    }

    private static func list(_ title: String, _ changes: [Change]) -> [String] {
        guard !changes.isEmpty else { return [] }
        var table = TextTable(["unit", "table", "address", "A", "", "B"], words: 6)
        for change in changes {
            table.append([
                "\(change.key.unit)", change.key.table.rawValue, "\(change.key.address)", change.before.text, "→",
                change.after.text,
            ])
        }
        return ["", title] + table.lines
    }

    private static func list(_ title: String, _ keys: [RegisterStatistics.Key]) -> [String] {
        guard !keys.isEmpty else { return [] }
        let ranges = ranges(of: keys).map { range in
            let last = range.last > range.first ? "–\(range.last)" : ""
            return "  unit \(range.unit) \(range.table.rawValue) \(range.first)\(last)"
        }
        return ["", title] + ranges
    }

    private typealias KeyRange = (unit: UnitIdentifier, table: RegisterTable, first: UInt16, last: UInt16)

    private static func ranges(of keys: [RegisterStatistics.Key]) -> [KeyRange] {
        var ranges: [KeyRange] = []
        for key in keys {
            if let last = ranges.last, last.unit == key.unit, last.table == key.table,
                Int(last.last) + 1 == Int(key.address)
            {
                ranges[ranges.count - 1].last = key.address
            } else {
                ranges.append((key.unit, key.table, key.address, key.address))
            }
        }
        return ranges
    }

    /// For machines; `docs/files.md` has the schema.
    package var json: [UInt8] {
        var bytes: [UInt8] = []
        JSONValue.object([
            .init("a", .string(before.path)), .init("b", .string(after.path)), .init("unchanged", .count(unchanged)),
            .init("changed", .array(changes.map(\.json))), .init("added", Self.json(added)),
            .init("removed", Self.json(removed)),
            .init("remarks", .array((before.remarks + after.remarks).map { .string($0) })),
        ]).append(to: &bytes)
        return bytes + [UInt8(ascii: "\n")]
    }

    private static func json(_ keys: [RegisterStatistics.Key]) -> JSONValue {
        .array(
            ranges(of: keys).map {
                .object([
                    .init("unit", .count(Int($0.unit.rawValue))), .init("table", .string($0.table.rawValue)),
                    .init("first", .count(Int($0.first))), .init("last", .count(Int($0.last))),
                ])
            })
    }
}

extension Comparison.Change {
    fileprivate var json: JSONValue {
        .object([
            .init("unit", .count(Int(key.unit.rawValue))), .init("table", .string(key.table.rawValue)),
            .init("address", .count(Int(key.address))), .init("a", before.json), .init("b", after.json),
            .init("overlaps", .bool(overlaps)),
        ])
    }
}

extension ComparedRegisters {
    fileprivate var title: String {
        let count = FigureText.count(ranges.count, "register")
        return origin == .dataset ? "\(path), dataset: \(count)" : "\(path), recording: \(count)"
    }
}

extension ComparedRegisters.Range {
    /// `7` or `7…12`.
    fileprivate var text: String { least == greatest ? "\(least)" : "\(least)…\(greatest)" }

    fileprivate var json: JSONValue {
        .object([.init("min", .count(Int(least))), .init("max", .count(Int(greatest))), .init("reads", .count(count))])
    }
}
