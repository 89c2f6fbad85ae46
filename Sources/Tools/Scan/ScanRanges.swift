internal import Growatt

/// How the addresses of a scan are divided.
enum ScanRanges {
    /// Growatt's groups (docs/datasets.md): a read must not go beyond a multiple of them.
    private static let groups = [125, 45]

    /// What is asked for and not known, in order and each address once.
    static func open(_ ranges: [ScanPlan.Range], known: ScanRecord) -> [ScanPlan.Range] {
        RegisterTable.allCases.flatMap { table in
            var isOpen = [Bool](repeating: false, count: 65536)
            for range in ranges where range.table == table {
                for address in range.addresses { isOpen[address] = true }
            }
            for address in known.found[table].keys { isOpen[Int(address)] = false }
            for range in (known.missing[table] ?? []) + (known.silent[table] ?? []) {
                for address in range { isOpen[address] = false }
            }
            return runs(isOpen.indices.filter { isOpen[$0] }).map { ScanPlan.Range(table, $0) }
        }
    }

    /// - Parameter addresses: ascending.
    static func runs(_ addresses: some Sequence<Int>) -> [ClosedRange<Int>] {
        var runs: [ClosedRange<Int>] = []
        for address in addresses {
            if let last = runs.last, last.upperBound + 1 == address {
                runs[runs.count - 1] = last.lowerBound...address
            } else {
                runs.append(address...address)
            }
        }
        return runs
    }

    /// In ascending order, what touches or overlaps put together.
    static func merged(_ ranges: [ClosedRange<Int>]) -> [ClosedRange<Int>] {
        var merged: [ClosedRange<Int>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, range.lowerBound <= last.upperBound + 1 {
                merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged
    }

    /// Blocks that begin at multiples of their size.
    static func blocks(of range: ClosedRange<Int>, size: Int) -> [ClosedRange<Int>] {
        stride(from: range.lowerBound / size * size, through: range.upperBound, by: size).map {
            max($0, range.lowerBound)...min($0 + size - 1, range.upperBound)
        }
    }

    /// Cut at the boundary of a group where one is inside, the one next to the middle, otherwise in the middle; nil for a
    /// single address.
    static func halves(of range: ClosedRange<Int>) -> (ClosedRange<Int>, ClosedRange<Int>)? {
        guard range.count > 1 else { return nil }
        let middle = range.lowerBound + range.count / 2
        let boundaries = groups.lazy.compactMap { group -> Int? in
            let below = middle / group * group
            return [below, below + group].filter { range.lowerBound < $0 && $0 <= range.upperBound }
                .min { abs($0 - middle) < abs($1 - middle) }
        }
        let cut = boundaries.first ?? middle
        return (range.lowerBound...(cut - 1), cut...range.upperBound)
    }
}
