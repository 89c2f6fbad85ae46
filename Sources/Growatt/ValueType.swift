package import Text

/// How the registers of an item are to be read, by the word of the command line.
package enum ValueType: Hashable, Sendable {
    case integer(IntegerType)
    /// IEEE 754, in two registers.
    case f32
    /// Two characters a register, the first in the high byte.
    case ascii
    /// Sixteen binary digits, the highest bit first.
    case bits

    package static let u16 = ValueType.integer(.u16)
    package static let s16 = ValueType.integer(.s16)
    package static let u32 = ValueType.integer(.u32)
    package static let s32 = ValueType.integer(.s32)

    /// What one value takes; a text takes whatever there is.
    package var registers: Int {
        switch self {
        case .integer(let type): type.registers
        case .bits, .ascii: 1
        case .f32: 2
        }
    }

    /// The words of a number of the type ``f32``, the high one first.
    package static func words(_ number: Float) -> [UInt16] { number.bitPattern.words16 }
}

extension ValueType: CaseIterable {
    package static let allCases: [ValueType] = IntegerType.allCases.map { .integer($0) } + [.f32, .ascii, .bits]
}

extension ValueType: RawRepresentable {
    /// - Parameter rawValue: `u16`, `s16`, `u32`, `s32`, `f32`, `ascii` or `bits`; nil for all others.
    package init?(rawValue: String) {
        guard let type = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
        self = type
    }

    package var rawValue: String {
        switch self {
        case .integer(let type): type.rawValue
        case .f32: "f32"
        case .ascii: "ascii"
        case .bits: "bits"
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
        self =
            switch type {
            case .integer(let type): .integer(type.number(words))
            case .f32: .float(Float(bitPattern: UInt32(words16: words)))
            case .bits: .bits(UInt16(truncatingIfNeeded: UInt32(words16: words)))
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
    package var json: JSONValue {
        switch self {
        case .integer(let number): .number("\(number)")
        case .float(let number): number.isFinite ? .number("\(number)") : .null
        case .text(let text): .string(text)
        case .bits(let bits): .string(Digits.binary(bits))
        }
    }
}
