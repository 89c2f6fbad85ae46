package import Growatt

/// Registers or coils to allow or refuse: `input:30000-65535`, `2/holding:0-124`, or a preset.
package struct ReadRule: Hashable, Sendable {
    /// Registers of a kind of inverter, by a name.
    package enum Preset: String, CaseIterable, Sendable {
        /// Harmful reads of an off-grid inverter (SPF, SPE): a read of 30000 and up cuts the power of the house for a moment
        /// (0xAHA/Growatt_ModbusTCP#88, #89, #90).
        case offGrid = "off-grid"

        package var blocks: [Block] {
            switch self {
            case .offGrid: [UnitTable.holding, .input, .meter].map { Block(table: $0, addresses: 30000 ... .max) }
            }
        }
    }

    package struct Block: Hashable, Sendable {
        package let table: UnitTable
        package let addresses: ClosedRange<UInt16>

        package init(table: UnitTable, addresses: ClosedRange<UInt16>) {
            self.table = table
            self.addresses = addresses
        }
    }

    private enum What: Hashable {
        case block(Block)
        case preset(Preset)
    }

    /// 1–255; nil: every unit.
    package let unit: UInt8?
    private let what: What

    package init(_ block: Block, unit: UInt8? = nil) {
        what = .block(block)
        self.unit = unit
    }

    package init(_ preset: Preset, unit: UInt8? = nil) {
        what = .preset(preset)
        self.unit = unit
    }

    package var blocks: [Block] {
        switch what {
        case .block(let block): [block]
        case .preset(let preset): preset.blocks
        }
    }

    static let allowed =
        "a block such as input:30000-65535 (\(UnitTable.allCases.map(\.rawValue).joined(separator: ", ")); addresses 0 to 65535, the "
        + "lower one first), with 2/ before one of unit 2 (1 to 255)"
    static let presets = Preset.allCases.map(\.rawValue).joined(separator: ", ")

    /// nil: the text is neither a block nor a preset.
    init?(_ text: String) {
        if let parts = RegisterBlockText(text[...]) {
            guard let table = UnitTable(rawValue: String(parts.table)) else { return nil }
            guard let unit = parts.unit else {
                self.init(Block(table: table, addresses: parts.addresses))
                return
            }
            guard let unit = Self.unit(unit) else { return nil }
            self.init(Block(table: table, addresses: parts.addresses), unit: unit)
            return
        }
        let halves = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let preset = halves.last.flatMap({ Preset(rawValue: String($0)) }) else { return nil }
        guard halves.count == 2 else {
            self.init(preset)
            return
        }
        guard let unit = Self.unit(halves[0]) else { return nil }
        self.init(preset, unit: unit)
    }

    private static func unit(_ text: Substring) -> UInt8? { ValueKind<UInt8>.unit.read(String(text)) }

    /// Whether the rule names any of these registers, as far as units can be compared.
    func overlaps(_ block: PollBlock) -> Bool {
        (unit ?? block.unit) == block.unit
            && blocks.contains {
                $0.table == .registers(block.table) && $0.addresses.overlaps(block.addresses)
            }
    }

    fileprivate var isPreset: Bool {
        if case .preset = what { true } else { false }
    }
}

extension ReadRule: CustomStringConvertible {
    /// As the configuration has it.
    package var description: String {
        let prefix = unit.map { "\($0)/" } ?? ""
        return switch what {
        case .block(let block): prefix + RegisterBlockText.text(block.table.rawValue, block.addresses)
        case .preset(let preset): prefix + preset.rawValue
        }
    }
}

extension ValueKind<ReadRule> {
    /// A block, or a preset of registers to refuse.
    static let refusedRead = Self(
        allowed: "\(ReadRule.allowed), or \(ReadRule.presets)", schema: .text(),
        read: { ReadRule($0) }, text: { $0.description }, meant: { meant($0) })

    static let allowedRead = Self(
        allowed: ReadRule.allowed, schema: .text(),
        read: { text in ReadRule(text).flatMap { $0.isPreset ? nil : $0 } }, text: { $0.description },
        meant: { meant($0) })

    /// A misspelt word, or addresses in the wrong order.
    private static func meant(_ text: String) -> String? {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else {
            let preset = SpellingGuess.of(text, among: ReadRule.Preset.allCases.map(\.rawValue))
            return preset == text ? nil : preset
        }
        let ends = parts[1].split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        let tables = UnitTable.allCases.map(\.rawValue)
        let table = tables.contains { parts[0].hasSuffix($0) } ? parts[0] : SpellingGuess.of(parts[0], among: tables)
        let candidates = table.map { ["\($0):\(parts[1])", "\($0):\(ends.reversed().joined(separator: "-"))"] } ?? []
        return candidates.first { $0 != text && ReadRule($0) != nil }
    }
}
