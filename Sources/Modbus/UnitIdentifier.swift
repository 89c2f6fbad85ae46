/// The address of a Modbus server: 1 byte.
///
/// 0 is the broadcast address of a serial line, 1–247 name units, 248–255 are reserved.
/// A broker carries every value unchanged.
/// Source: Modbus over Serial Line V1.02, section 2.2.
package struct UnitIdentifier: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// 0: every unit on the line executes the request and none answers.
    package static let broadcast = UnitIdentifier(rawValue: 0)

    /// Whether this is unit 0.
    package var isBroadcast: Bool { rawValue == 0 }

    package var description: String { String(rawValue) }

    package static func < (lhs: UnitIdentifier, rhs: UnitIdentifier) -> Bool { lhs.rawValue < rhs.rawValue }
}

extension UnitIdentifier: ExpressibleByIntegerLiteral {
    package init(integerLiteral value: UInt8) {
        self.init(rawValue: value)
    }
}
