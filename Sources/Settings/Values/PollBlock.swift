/// Registers that are read again and again (`--poll`).
package struct PollBlock: Hashable, Sendable {
    package enum Table: String, CaseIterable, Hashable, Sendable {
        case holding, input
        /// Growatt's smart-meter block, function 0x20.
        case meter
    }

    /// 1–247.
    package var unit: UInt8
    package var table: Table
    package var addresses: ClosedRange<UInt16>

    static let allowed = "blocks such as holding:0-124,input:3000-3124, with 2/ before one of unit 2; or dataset"

    package init(unit: UInt8 = 1, table: Table, addresses: ClosedRange<UInt16>) {
        self.unit = unit
        self.table = table
        self.addresses = addresses
    }

    /// Reads `holding:0-124` or `2/input:3000`.
    init?(_ text: Substring) {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        let parts = halves[halves.count - 1].split(separator: ":", omittingEmptySubsequences: false)
        guard halves.count <= 2, parts.count == 2, let table = Table(rawValue: String(parts[0])),
            let unit = halves.count == 2 ? UInt8(halves[0]) : 1, (1...247).contains(unit)
        else { return nil }
        let ends = parts[1].split(separator: "-", omittingEmptySubsequences: false).map { UInt16($0) }
        guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first <= last else {
            return nil
        }
        self.init(unit: unit, table: table, addresses: first...last)
    }

    /// Several, separated by commas; nil if one is none.
    static func list(_ text: String) -> [PollBlock]? {
        let blocks = text.split(separator: ",", omittingEmptySubsequences: false).map { PollBlock($0) }
        let valid = blocks.compactMap(\.self)
        return valid.count == blocks.count ? valid : nil
    }
}

/// What the gateway reads by itself, once a second.
package enum PollSettings: Hashable, Sendable {
    case blocks([PollBlock])
    /// All registers of the dataset.
    case dataset

    init?(_ text: String) {
        if text == "dataset" {
            self = .dataset
        } else if let blocks = PollBlock.list(text) {
            self = .blocks(blocks)
        } else {
            return nil
        }
    }
}

extension PollBlock: CustomStringConvertible {
    /// As it is read.
    package var description: String {
        let range = addresses.count == 1 ? "\(addresses.lowerBound)" : "\(addresses.lowerBound)-\(addresses.upperBound)"
        return (unit == 1 ? "" : "\(unit)/") + "\(table.rawValue):\(range)"
    }
}

extension PollSettings: CustomStringConvertible {
    /// As it is read.
    package var description: String {
        switch self {
        case .blocks(let blocks): blocks.map(\.description).joined(separator: ",")
        case .dataset: "dataset"
        }
    }
}
