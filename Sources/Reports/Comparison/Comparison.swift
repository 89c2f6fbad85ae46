internal import Modbus

/// Which registers two datasets or recordings have, and where their values differ.
package struct Comparison {
    /// A register whose values differ.
    struct Change {
        let key: RegisterStatistics.Key
        let before: ComparedRegisters.Range
        let after: ComparedRegisters.Range

        /// Whether a value can be the same on both sides: a measurement that moves, rather than another setting.
        var overlaps: Bool { before.least <= after.greatest && after.least <= before.greatest }
    }

    let before: ComparedRegisters
    let after: ComparedRegisters
    /// Only in the first, in ascending order.
    let removed: [RegisterStatistics.Key]
    /// Only in the second, in ascending order.
    let added: [RegisterStatistics.Key]
    /// In ascending order.
    let changes: [Change]
    /// How many have the same least and the same greatest value.
    let unchanged: Int

    package init(_ before: ComparedRegisters, _ after: ComparedRegisters) {
        self.before = before
        self.after = after
        removed = before.ranges.keys.filter { after.ranges[$0] == nil }.sorted()
        added = after.ranges.keys.filter { before.ranges[$0] == nil }.sorted()
        let shared = before.ranges.compactMap { key, range in
            after.ranges[key].map { Change(key: key, before: range, after: $0) }
        }
        changes = shared.filter { ($0.before.least, $0.before.greatest) != ($0.after.least, $0.after.greatest) }
            .sorted { $0.key < $1.key }
        unchanged = shared.count - changes.count
    }
}
