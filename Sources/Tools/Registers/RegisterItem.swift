package import Growatt
internal import Modbus
internal import Settings
internal import Text

/// What is read or written together: addresses of a table, and how to understand them.
package struct RegisterItem: Hashable, Sendable {
    package let table: UnitTable
    /// 0 to 65535; of a type of two registers an even number.
    package let addresses: ClosedRange<Int>
    package let type: ValueType

    package init(table: UnitTable, addresses: ClosedRange<Int>, type: ValueType = .u16) {
        self.table = table
        self.addresses = addresses
        self.type = type
    }

    static let allowed = "N, N-M or NxCOUNT with addresses from 0 to 65535 (0x… for hexadecimal), and :TYPE behind it"

    /// Each value's addresses; a text is one value.
    package var values: [ClosedRange<Int>] {
        guard type != .ascii else { return [addresses] }
        return stride(from: addresses.lowerBound, through: addresses.upperBound, by: type.registers).map {
            $0...($0 + type.registers - 1)
        }
    }

    /// Reads `3001`, `0-124`, `3001x24`, `0x0BB9x2:u32`.
    ///
    /// - Parameters:
    ///   - count: how many registers it has if it names only the first; nil: as its type has.
    ///   - position: what errors call it.
    /// - Throws: ``ToolError/usage(_:)``.
    init(_ text: Substring, table: UnitTable, count: Int? = nil, position: String) throws(ToolError) {
        func failure(_ allowed: String) -> ToolError {
            .usage("\(position) \(String(text).debugDescription): expected \(allowed)")
        }
        let halves = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        var type = ValueType.u16
        if halves.count == 2 {
            guard !table.isBits else { throw failure("no type behind a \(table.rawValue): it is one bit") }
            guard let known = ValueType(rawValue: String(halves[1])) else {
                throw failure("one of the types \(ValueType.allowed)")
            }
            type = known
        }
        guard let range = Self.range(halves[0], count: count ?? type.registers) else { throw failure(Self.allowed) }
        guard range.upperBound <= 65535 else { throw failure("addresses up to 65535") }
        guard range.count.isMultiple(of: type.registers) else {
            throw failure("an even number of registers: a value of the type \(type.rawValue) has two")
        }
        self.init(table: table, addresses: range, type: type)
    }

    /// Nil: it is none.
    private static func range(_ text: Substring, count: Int) -> ClosedRange<Int>? {
        if let dash = text.firstIndex(of: "-") {
            guard let first = number(text[..<dash]), let last = number(text[text.index(after: dash)...]),
                first <= last
            else { return nil }
            return first...last
        }
        // The x of 0x… is none of a count.
        let start = isHexadecimal(text) ? text.index(text.startIndex, offsetBy: 2) : text.startIndex
        guard let cross = text[start...].lastIndex(where: { $0 == "x" || $0 == "X" }) else {
            return number(text).map { $0...($0 + count - 1) }
        }
        guard let first = number(text[..<cross]), let count = number(text[text.index(after: cross)...]), count > 0
        else {
            return nil
        }
        return first...(first + count - 1)
    }

    private static func isHexadecimal(_ text: Substring) -> Bool { text.hasPrefix("0x") || text.hasPrefix("0X") }

    /// 0 to 65536.
    private static func number(_ text: Substring) -> Int? {
        if isHexadecimal(text) {
            let digits = text.dropFirst(2)
            guard digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) else { return nil }
            return Int(digits, radix: 16).flatMap { $0 <= 65536 ? $0 : nil }
        }
        return Int(digits: text).flatMap { $0 <= 65536 ? $0 : nil }
    }
}

extension RegisterItem {
    /// Reads the words of a command line: a table, then its items, and perhaps another table.
    ///
    /// - Throws: ``ToolError/usage(_:)``, naming the word and its place.
    package static func list(_ words: [String]) throws(ToolError) -> [RegisterItem] {
        var items: [RegisterItem] = []
        for (table, text, position) in try tableWords(words) {
            items.append(try RegisterItem(text, table: table, position: position))
        }
        return items
    }

    /// Each item with its table, and what errors call it.
    ///
    /// - Parameter allowed: what is expected behind a table.
    static func tableWords(
        _ words: [String], behind allowed: String = RegisterItem.allowed
    ) throws(ToolError) -> [(UnitTable, Substring, String)] {
        var found: [(UnitTable, Substring, String)] = []
        var table: UnitTable?
        var hasItem = true
        for (index, word) in words.enumerated() {
            if let next = UnitTable(rawValue: word.lowercased()) {
                guard hasItem else { break }
                table = next
                hasItem = false
                continue
            }
            let position = "word \(index + 1)"
            guard let table else {
                throw .usage("\(position) \(word.debugDescription): expected a table first: \(UnitTable.allowed)")
            }
            hasItem = true
            found.append((table, Substring(word), position))
        }
        guard hasItem, !found.isEmpty else {
            throw .usage(
                "no register is named\(table.map { " behind \($0.rawValue)" } ?? ""); expected a table "
                    + "(\(UnitTable.allowed)) and behind it \(allowed)")
        }
        return found
    }
}

extension ValueType {
    fileprivate static var allowed: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
