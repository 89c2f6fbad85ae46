/// A function code and its data: what travels through the broker, unopened.
///
/// 1–253 bytes. Typed views (``Request``) are made on demand by those who need them; forwarding never
/// depends on understanding.
/// Source: Modbus Application Protocol V1.1b3, section 4.1.
package struct PDU: Hashable, Sendable {
    /// The most bytes of a PDU: an RTU frame of 256 bytes less unit identifier and CRC.
    package static let maximumLength = 253

    /// The function code and the data, 1–253 bytes.
    ///
    /// An array of its own, not a slice of a receive buffer: a query that waits must not keep 64 kB alive.
    package let bytes: [UInt8]

    /// Makes a PDU of received bytes.
    ///
    /// - Throws: ``PDUError/length(_:)`` unless there are 1–253 bytes.
    package init(_ bytes: [UInt8]) throws(PDUError) {
        guard (1...Self.maximumLength).contains(bytes.count) else { throw .length(bytes.count) }
        self.bytes = bytes
    }

    /// For callers that have counted already: 1–253 bytes, or the process ends.
    package init(counted bytes: [UInt8]) {
        precondition((1...Self.maximumLength).contains(bytes.count), "a PDU has 1–253 bytes")
        self.bytes = bytes
    }

    /// An exception reply: 2 bytes.
    package init(exception code: ExceptionCode, to function: FunctionCode) {
        bytes = [function.exception.rawValue, code.rawValue]
    }

    package var function: FunctionCode { FunctionCode(rawValue: bytes[0]) }

    /// The code of an exception reply; nil for every other PDU.
    package var exceptionCode: ExceptionCode? {
        guard function.isException, bytes.count == 2 else { return nil }
        return ExceptionCode(rawValue: bytes[1])
    }

    /// The 16-bit big-endian number at `offset` bytes from the function code; nil beyond the end.
    package func word(at offset: Int) -> UInt16? {
        guard offset >= 0, offset + 1 < bytes.count else { return nil }
        return UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1])
    }
}

/// Why bytes are no valid PDU, or no valid request.
package enum PDUError: Error, Hashable, Sendable {
    /// The bytes are not 1–253 in number.
    case length(Int)
    /// A quantity outside of what the function allows.
    case quantity(UInt16, allowed: ClosedRange<UInt16>)
    /// Address and quantity reach beyond 65,535.
    case addressOverflow(address: UInt16, quantity: UInt16)
    /// The byte count, or the length of the whole, does not fit the quantity.
    case byteCount(Int, expected: Int)
    /// A coil is written with something else than 0x0000 or 0xFF00.
    case coilValue(UInt16)

    /// What a server answers to such a request (Modbus Application Protocol V1.1b3, section 6).
    package var exceptionCode: ExceptionCode {
        switch self {
        case .addressOverflow: .illegalDataAddress
        case .length, .quantity, .byteCount, .coilValue: .illegalDataValue
        }
    }
}
