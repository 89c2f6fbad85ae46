package import Growatt

/// Registers that are read again and again (`--poll`).
package struct PollBlock: Hashable, Sendable {
    /// 1–247.
    package var unit: UInt8
    package var table: RegisterTable
    package var addresses: ClosedRange<UInt16>

    static let allowed =
        "blocks such as holding:0-124,input:3000-3124 (\(RegisterTable.allCases.map(\.rawValue).joined(separator: ", ")); addresses 0 to "
        + "65535, the lower one first), with 2/ before one of unit 2 (1 to 247); or dataset"

    package init(unit: UInt8 = 1, table: RegisterTable, addresses: ClosedRange<UInt16>) {
        self.unit = unit
        self.table = table
        self.addresses = addresses
    }

    /// Reads `holding:0-124` or `2/input:3000`.
    init?(_ text: Substring) {
        guard let parts = RegisterBlockText(text), let table = RegisterTable(rawValue: String(parts.table)),
            let unit = parts.unit.map({ UInt8($0) }) ?? 1, (1...247).contains(unit)
        else { return nil }
        self.init(unit: unit, table: table, addresses: parts.addresses)
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
        (unit == 1 ? "" : "\(unit)/") + RegisterBlockText.text(table.rawValue, addresses)
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
