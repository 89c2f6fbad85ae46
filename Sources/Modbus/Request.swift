/// A request with its fields, made on demand from a PDU.
///
/// Source: Modbus Application Protocol V1.1b3, section 6.
package enum Request: Hashable, Sendable {
    /// Coils or discrete inputs: quantity 1–2000.
    case readBits(FunctionCode, AddressRange)
    /// Holding or input registers, or a function that looks like them: quantity 1–125.
    case readRegisters(FunctionCode, AddressRange)
    /// One coil or register; a coil is 0x0000 or 0xFF00.
    case writeSingle(FunctionCode, address: UInt16, value: UInt16)
    /// 1–1968 coils, eight to a byte, the lowest address in the lowest bit.
    case writeCoils(AddressRange, bits: [UInt8])
    /// 1–123 registers.
    case writeRegisters(AddressRange, values: [UInt16])
    /// `(value AND and) OR (or AND NOT and)`.
    case maskWrite(address: UInt16, and: UInt16, or: UInt16)
    /// Writes 1–121 registers, then reads 1–125.
    case readWrite(read: AddressRange, write: AddressRange, values: [UInt16])
    /// A function of unknown layout.
    case opaque(PDU)

    /// Opens a PDU.
    ///
    /// - Throws: ``PDUError/quantity(_:allowed:)``, ``PDUError/addressOverflow(address:quantity:)``,
    ///   ``PDUError/byteCount(_:expected:)`` or ``PDUError/coilValue(_:)`` where a server has to refuse it unseen.
    package init(_ pdu: PDU) throws(PDUError) {
        switch pdu.function.shape {
        case .readBits: self = .readBits(pdu.function, try pdu.range(at: 1, quantity: 1...2000, length: 5))
        case .readRegisters: self = .readRegisters(pdu.function, try pdu.range(at: 1, quantity: 1...125, length: 5))
        case .writeSingle: self = try Self.writeSingle(pdu)
        case .writeBits: self = try Self.writeCoils(pdu)
        case .writeRegisters: self = try Self.writeRegisters(pdu)
        case .maskWrite: self = try Self.maskWrite(pdu)
        case .readWrite: self = try Self.readWrite(pdu)
        case .opaque: self = .opaque(pdu)
        }
    }
}

/// Consecutive items of one table: `address` 0–65535, and `quantity` items that end at 65535 at the latest.
package struct AddressRange: Hashable, Sendable {
    package let address: UInt16
    package let quantity: UInt16

    /// - Throws: ``PDUError/addressOverflow(address:quantity:)`` if it reaches beyond 65,535.
    package init(address: UInt16, quantity: UInt16) throws(PDUError) {
        guard Int(address) + Int(quantity) <= 65536 else {
            throw .addressOverflow(address: address, quantity: quantity)
        }
        self.address = address
        self.quantity = quantity
    }

    /// Every address in it.
    package var addresses: Range<Int> { Int(address)..<Int(address) + Int(quantity) }
}
