package import Growatt
package import Modbus
internal import Settings
internal import Text

/// One write: consecutive addresses, and what they are to hold.
package struct WriteItem: Hashable, Sendable {
    package let item: RegisterItem
    /// As many as the item has addresses; of a coil 0 or 1.
    package let registers: [UInt16]

    /// What is sent.
    ///
    /// - Parameter usesMultiple: whether a single register is written with 0x10 too, and a coil with 0x0F.
    package func pdu(usesMultiple: Bool) -> PDU? {
        let address = UInt16(item.addresses.lowerBound)
        if registers.count == 1, !usesMultiple {
            return item.table.isBits
                ? PDU(write: .writeSingleCoil, address: address, value: registers[0] == 0 ? 0x0000 : 0xFF00)
                : PDU(write: .writeSingleRegister, address: address, value: registers[0])
        }
        return item.table.isBits
            ? PDU(writeCoils: registers.map { $0 != 0 }, address: address)
            : PDU(writeRegisters: registers, address: address)
    }

    func overlaps(_ other: WriteItem) -> Bool {
        item.table == other.item.table && item.addresses.overlaps(other.item.addresses)
    }

    /// The word of a command line that writes these registers in place of its own.
    ///
    /// - Parameter old: as many as the item has.
    package func word(restoring old: [UInt16]) -> String {
        // Numbers of 16 bits restore every register exactly, whatever its type.
        "\(item.table.rawValue) \(item.addresses.lowerBound)=\(old.map { "\($0)" }.joined(separator: ","))"
    }

    /// Registers as the item's type shows them.
    package func text(of registers: [UInt16], _ order: WordOrder) -> String {
        let first = item.addresses.lowerBound
        return item.values.map { value in
            UnitValue(registers[(value.lowerBound - first)...(value.upperBound - first)], item.type, order).description
        }.joined(separator: ",")
    }
}

extension WriteItem {
    private static let largestWrite = 123
    private static let allowed = "ADDRESS[:TYPE]=VALUE[,VALUE…]"

    /// Reads the words of a command line: a table, then `ADDRESS[:TYPE]=VALUE[,VALUE…]`, and perhaps another table.
    ///
    /// - Throws: ``ToolError/usage(_:)``, naming the word and its place.
    package static func list(_ words: [String], order: WordOrder) throws(ToolError) -> [WriteItem] {
        var items: [WriteItem] = []
        for (table, text, position) in try RegisterItem.tableWords(words, behind: Self.allowed) {
            guard table.isWritable else {
                throw .usage(
                    "\(position) \(String(text).debugDescription): the \(table.rawValue) table cannot be written; "
                        + "expected holding or coil before it")
            }
            let item = try WriteItem(text, table, order, position)
            // Which value is the old one, and which is read back, could not be told.
            if let earlier = items.first(where: { $0.overlaps(item) }) {
                throw .usage(
                    "\(position) \(String(text).debugDescription): \(table.rawValue) "
                        + "\(earlier.item.addresses.text) is written before it in the same command; "
                        + "expected each register once, or two commands")
            }
            items.append(item)
        }
        return items
    }

    private init(
        _ text: Substring, _ table: UnitTable, _ order: WordOrder, _ position: String
    ) throws(ToolError) {
        let halves = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2, !halves[1].isEmpty else {
            throw .usage("\(position) \(String(text).debugDescription): expected \(Self.allowed)")
        }
        let type = halves[0].split(separator: ":").last.flatMap { ValueType(rawValue: String($0)) } ?? .u16
        let registers = try Self.registers(halves[1], table.isBits ? nil : type, order, position)
        item = try RegisterItem(halves[0], table: table, count: registers.count, position: position)
        // A text may be shorter than its place.
        let isShortText = type == .ascii && registers.count < item.addresses.count
        let missing = isShortText ? item.addresses.count - registers.count : 0
        self.registers = registers + [UInt16](repeating: 0, count: missing)
        let written = "\(position) \(String(text).debugDescription)"
        guard self.registers.count == item.addresses.count else {
            throw .usage("\(written): \(item.addresses.count) registers cannot hold the values of \(registers.count)")
        }
        guard self.registers.count <= Self.largestWrite else {
            throw .usage("\(written): expected \(Self.largestWrite) registers or less in one write")
        }
    }

    /// - Parameter type: nil: coils.
    private static func registers(
        _ text: Substring, _ type: ValueType?, _ order: WordOrder, _ position: String
    ) throws(ToolError) -> [UInt16] {
        if type == .ascii {
            guard text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
                throw .usage("\(position): the text has characters that are not ASCII")
            }
            let bytes = Array(text.utf8) + (text.utf8.count.isMultiple(of: 2) ? [] : [0])
            return stride(from: 0, to: bytes.count, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        }
        var registers: [UInt16] = []
        for value in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let encoded = type.map({ $0.registers(of: value) }) ?? coil(value) else {
                throw .usage(
                    "\(position): value \(String(value).debugDescription): expected \(type?.allowedValues ?? "0 or 1")")
            }
            registers += order == .lowFirst ? encoded.reversed() : encoded
        }
        return registers
    }

    private static func coil(_ text: Substring) -> [UInt16]? {
        switch text.lowercased() {
        case "1", "on": [1]
        case "0", "off": [0]
        default: nil
        }
    }
}

extension ValueType {
    fileprivate var allowedValues: String {
        switch self {
        case .integer(let type):
            "\(type.range.lowerBound) to \(type.range.upperBound)" + (type.range.lowerBound == 0 ? ", or 0x…" : "")
        case .f32: "a number such as 12.5"
        case .ascii: "a text"
        case .bits: "16 binary digits"
        }
    }

    /// The high word first; nil: no value of this type.
    fileprivate func registers(of text: Substring) -> [UInt16]? {
        switch self {
        case .integer(let type):
            (type.range.lowerBound < 0 ? Int(text) : Self.unsigned(text)).flatMap {
                type.range.contains($0) ? type.words($0) : nil
            }
        case .f32: Float(text).flatMap { $0.isFinite ? Self.words($0) : nil }
        case .bits: text.utf8.count == 16 ? UInt16(text, radix: 2).map { [$0] } : nil
        case .ascii: nil
        }
    }

    private static func unsigned(_ text: Substring) -> Int? {
        guard text.hasPrefix("0x") || text.hasPrefix("0X") else { return Int(digits: text) }
        let digits = text.dropFirst(2)
        return digits.allSatisfy { $0.isASCII && $0.isHexDigit } ? Int(digits, radix: 16) : nil
    }
}
