package import Modbus

/// The registers and coils that clients may read.
package struct ReadRules: Hashable, Sendable {
    /// Consecutive items that one function reads.
    package struct Block: Hashable, Sendable {
        package let function: FunctionCode
        package let addresses: ClosedRange<UInt16>
        /// nil: every unit.
        package let unit: UnitIdentifier?

        package init(_ function: FunctionCode, _ addresses: ClosedRange<UInt16>, unit: UnitIdentifier? = nil) {
            self.function = function
            self.addresses = addresses
            self.unit = unit
        }

        /// The first and the last address.
        fileprivate var ends: ClosedRange<Int> { Int(addresses.lowerBound)...Int(addresses.upperBound) }
    }

    /// The reason for refusing a read.
    package enum Refusal: Hashable, Sendable {
        case refused(Block)
        /// The read touches registers outside ``allowed``.
        case notAllowed
    }

    /// Clients may read only within these; nil: everything.
    package var allowed: [Block]?
    /// Beat ``allowed``.
    package var refused: [Block] = []

    package init() {}

    /// The reason to refuse a request; nil: it is allowed, or reads nothing that has an address.
    package func refusal(of pdu: PDU, to unit: UnitIdentifier) -> Refusal? {
        guard self != ReadRules(), let (function, range) = (try? Request(pdu))?.readPart else {
            return nil
        }
        // Any unit may answer a read of unit 0, so the rules of every unit hold.
        let refusing = refused.first { block in
            block.function == function && (block.unit == nil || block.unit == unit || unit.isBroadcast)
                && block.ends.overlaps(range.addresses)
        }
        if let refusing { return .refused(refusing) }
        guard let allowed else { return nil }
        let blocks = allowed.filter { $0.function == function && ($0.unit == nil || $0.unit == unit) }
        return blocks.cover(range.addresses) ? nil : .notAllowed
    }
}

extension [ReadRules.Block] {
    /// Whether each address lies within one of the blocks.
    fileprivate func cover(_ addresses: Range<Int>) -> Bool {
        var next = addresses.lowerBound
        while next < addresses.upperBound {
            guard let last = filter({ $0.ends.contains(next) }).map(\.ends.upperBound).max() else { return false }
            next = last + 1
        }
        return true
    }
}

extension Request {
    /// The addresses that a request reads, and the function that only reads them; nil: it reads none.
    fileprivate var readPart: (FunctionCode, AddressRange)? {
        switch self {
        case .readBits(let function, let range), .readRegisters(let function, let range): (function, range)
        case .readWrite(let range, _, _): (.readHoldingRegisters, range)
        case .writeSingle, .writeCoils, .writeRegisters, .maskWrite, .opaque: nil
        }
    }
}
