extension Request {
    static func writeSingle(_ pdu: PDU) throws(PDUError) -> Request {
        let (address, value) = (try pdu.field(at: 1, length: 5), try pdu.field(at: 3, length: 5))
        if pdu.function == .writeSingleCoil, value != 0x0000, value != 0xFF00 { throw .coilValue(value) }
        return .writeSingle(pdu.function, address: address, value: value)
    }

    static func writeCoils(_ pdu: PDU) throws(PDUError) -> Request {
        let range = try pdu.range(at: 1, quantity: 1...1968, length: nil)
        let bits = try pdu.data(countAt: 5, expected: (Int(range.quantity) + 7) / 8)
        return .writeCoils(range, bits: Array(bits))
    }

    static func writeRegisters(_ pdu: PDU) throws(PDUError) -> Request {
        let range = try pdu.range(at: 1, quantity: 1...123, length: nil)
        return .writeRegisters(range, values: words(try pdu.data(countAt: 5, expected: Int(range.quantity) * 2)))
    }

    static func maskWrite(_ pdu: PDU) throws(PDUError) -> Request {
        .maskWrite(
            address: try pdu.field(at: 1, length: 7),
            and: try pdu.field(at: 3, length: 7),
            or: try pdu.field(at: 5, length: 7)
        )
    }

    static func readWrite(_ pdu: PDU) throws(PDUError) -> Request {
        let read = try pdu.range(at: 1, quantity: 1...125, length: nil)
        let write = try pdu.range(at: 5, quantity: 1...121, length: nil)
        let values = words(try pdu.data(countAt: 9, expected: Int(write.quantity) * 2))
        return .readWrite(read: read, write: write, values: values)
    }

    private static func words(_ bytes: ArraySlice<UInt8>) -> [UInt16] {
        stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2).map {
            UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
        }
    }
}

extension PDU {
    /// The number at `offset`, in a PDU of exactly `length` bytes (nil: of any length that holds it).
    func field(at offset: Int, length: Int?) throws(PDUError) -> UInt16 {
        if let length, bytes.count != length { throw .byteCount(bytes.count, expected: length) }
        guard let word = word(at: offset) else { throw .byteCount(bytes.count, expected: offset + 2) }
        return word
    }

    /// Address and quantity at `offset`.
    func range(at offset: Int, quantity allowed: ClosedRange<UInt16>, length: Int?) throws(PDUError) -> AddressRange {
        let (address, quantity) = (try field(at: offset, length: length), try field(at: offset + 2, length: length))
        guard allowed.contains(quantity) else { throw .quantity(quantity, allowed: allowed) }
        return try AddressRange(address: address, quantity: quantity)
    }

    /// The data behind the byte count at `offset`: it must be `expected`, and the PDU must end with it.
    func data(countAt offset: Int, expected: Int) throws(PDUError) -> ArraySlice<UInt8> {
        guard bytes.count > offset else { throw .byteCount(bytes.count, expected: offset + 1 + expected) }
        let count = Int(bytes[offset])
        guard count == expected else { throw .byteCount(count, expected: expected) }
        guard bytes.count == offset + 1 + count else {
            throw .byteCount(bytes.count - offset - 1, expected: expected)
        }
        return bytes[(offset + 1)...]
    }
}
