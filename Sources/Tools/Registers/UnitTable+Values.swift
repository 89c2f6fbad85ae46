internal import Growatt
internal import Modbus

extension UnitTable {
    static var allowed: String { allCases.map(\.rawValue).joined(separator: ", ") }

    /// The items of a reply to a read of so many; nil if it does not hold them.
    func values(of reply: PDU, count: Int) -> [UInt16]? {
        guard isBits else {
            guard let registers = reply.registers, registers.count == count else { return nil }
            return registers
        }
        guard reply.bytes.count == 2 + (count + 7) / 8 else { return nil }
        return (0..<count).map { UInt16(reply.bytes[2 + $0 / 8] >> UInt8($0 % 8) & 1) }
    }
}
