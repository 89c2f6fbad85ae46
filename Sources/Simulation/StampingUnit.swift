internal import Modbus

/// A unit whose every reply tells which request fetched it.
enum StampingUnit {
    /// From this address on, everything is exception 2.
    static let firstIllegalAddress: UInt16 = 60_000
    /// A function of unknown layout.
    static let opaqueFunction = FunctionCode(rawValue: 0x41)

    /// - Parameter number: of the request; its low 16 bits are the stamp.
    static func answer(_ request: PDU, number: Int) -> PDU {
        let stamp = UInt16(truncatingIfNeeded: number)
        guard let parsed = try? Request(request) else {
            return PDU(exception: .illegalDataValue, to: request.function)
        }
        switch parsed {
        case .readRegisters(let function, let range), .readBits(let function, let range):
            guard range.address < firstIllegalAddress else {
                return PDU(exception: .illegalDataAddress, to: function)
            }
            let isBits = function == .readCoils || function == .readDiscreteInputs
            let count = isBits ? (Int(range.quantity) + 7) / 8 : Int(range.quantity) * 2
            return counted(function, stamp, count: count)
        case .readWrite(let range, _, _): return counted(request.function, stamp, count: Int(range.quantity) * 2)
        case .opaque: return pdu([request.function.rawValue, UInt8(stamp >> 8), UInt8(stamp & 0xFF)])
        case .writeSingle, .writeCoils, .writeRegisters, .maskWrite:
            return request.acknowledgement ?? PDU(exception: .illegalFunction, to: request.function)
        }
    }

    private static func counted(_ function: FunctionCode, _ stamp: UInt16, count: Int) -> PDU {
        let filling = (2..<max(2, count)).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ Int(stamp)) }
        let data = [UInt8(stamp >> 8), UInt8(stamp & 0xFF)] + filling
        return pdu([function.rawValue, UInt8(count)] + data.prefix(count))
    }

    private static func pdu(_ bytes: [UInt8]) -> PDU {
        (try? PDU(bytes)) ?? PDU(exception: .illegalDataValue, to: FunctionCode(rawValue: bytes[0]))
    }

    /// The stamp in a reply to a read; nil in an exception, or where there is no room for it.
    static func stamp(of reply: PDU) -> UInt16? {
        guard !reply.function.isException, reply.bytes.count >= 4, reply.bytes[1] >= 2 else { return nil }
        return reply.word(at: 2)
    }
}
