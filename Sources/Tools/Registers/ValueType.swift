internal import Recording
internal import Text

/// How the registers of an item are to be read.
package enum ValueType: String, CaseIterable, Hashable, Sendable {
    case u16, s16, u32, s32, f32
    /// Two characters a register, the first in the high byte.
    case ascii
    /// Sixteen binary digits, the highest bit first.
    case bits

    static var allowed: String { allCases.map(\.rawValue).joined(separator: ", ") }

    /// What one value takes; a text takes whatever there is.
    package var registers: Int {
        switch self {
        case .u16, .s16, .bits, .ascii: 1
        case .u32, .s32, .f32: 2
        }
    }
}

/// Which of the two registers of a value has the lower address.
package enum WordOrder: String, CaseIterable, Hashable, Sendable {
    /// Growatt's, and most others'.
    case highFirst = "high-first"
    case lowFirst = "low-first"
}

/// A value of a unit.
package enum UnitValue: Hashable, Sendable {
    case integer(Int)
    case float(Float)
    case text(String)
    case bits(UInt16)

    /// - Parameter registers: as many as a value of the type has; of a text, all.
    package init(_ registers: some Collection<UInt16>, _ type: ValueType, _ order: WordOrder = .highFirst) {
        let words = order == .highFirst ? Array(registers) : registers.reversed()
        let number = words.reduce(UInt32(0)) { $0 << 16 | UInt32($1) }
        self =
            switch type {
            case .u16, .u32: .integer(Int(number))
            case .s16: .integer(Int(Int16(truncatingIfNeeded: number)))
            case .s32: .integer(Int(Int32(bitPattern: number)))
            case .f32: .float(Float(bitPattern: number))
            case .bits: .bits(UInt16(truncatingIfNeeded: number))
            case .ascii: .text(Self.text(Array(registers)))
            }
    }

    /// Printable characters as they are, others as `\xNN`; without the NULs and spaces at the end.
    private static func text(_ registers: [UInt16]) -> String {
        var bytes = registers.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
        while bytes.last == 0 || bytes.last == 0x20 { bytes.removeLast() }
        return bytes.map { byte in
            (0x20...0x7E).contains(byte) ? String(Unicode.Scalar(byte)) : "\\x\(Digits.hex(byte, 2))"
        }.joined()
    }
}

extension UnitValue: CustomStringConvertible {
    package var description: String {
        switch self {
        case .integer(let number): "\(number)"
        case .float(let number): "\(number)"
        case .text(let text): text
        case .bits(let bits): Digits.binary(bits)
        }
    }

    /// As JSON has it; numbers that it does not know are null.
    var json: JSONValue {
        switch self {
        case .integer(let number): .number("\(number)")
        case .float(let number): number.isFinite ? .number("\(number)") : .null
        case .text(let text): .string(text)
        case .bits(let bits): .string(Digits.binary(bits))
        }
    }
}

/// Numbers with leading zeros.
enum Digits {
    static func hex(_ number: some BinaryInteger, _ count: Int) -> String {
        padded(String(number, radix: 16, uppercase: true), count)
    }

    static func binary(_ number: UInt16) -> String { padded(String(number, radix: 2), 16) }

    static func padded(_ digits: String, _ count: Int) -> String {
        String(repeating: "0", count: max(0, count - digits.count)) + digits
    }
}
