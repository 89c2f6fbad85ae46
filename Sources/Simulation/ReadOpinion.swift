internal import Broker
internal import Modbus

/// What a read asks for, from its bytes alone: a second opinion beside the broker's rules and its parts of reads.
struct ReadOpinion {
    private static let bits: [UInt8] = [0x01, 0x02]
    private static let registers: [UInt8] = [0x03, 0x04, 0x20]

    let function: FunctionCode
    let addresses: Range<Int>
    private let isOfBits: Bool

    /// nil: it is no read of a range, or a malformed one.
    init?(_ request: PDU) {
        let code = request.function.rawValue
        isOfBits = Self.bits.contains(code)
        guard isOfBits || Self.registers.contains(code), request.bytes.count == 5,
            let address = request.word(at: 1), let quantity = request.word(at: 3), quantity > 0,
            Int(address) + Int(quantity) <= 0x1_0000
        else { return nil }
        function = request.function
        addresses = Int(address)..<Int(address) + Int(quantity)
    }

    /// Each address is looked up on its own. Any unit may answer a read of unit 0.
    func isRefused(by rules: ReadRules, unit: UnitIdentifier) -> Bool {
        addresses.contains { address in
            let covers = { (block: ReadRules.Block) in
                block.function == function && block.addresses.contains(UInt16(address))
            }
            let isRefused = rules.refused.contains {
                covers($0) && (unit.rawValue == 0 || $0.unit == nil || $0.unit == unit)
            }
            let isAllowed = rules.allowed?.contains { covers($0) && ($0.unit == nil || $0.unit == unit) }
            return isRefused || isAllowed == false
        }
    }

    /// The parts in which a line is asked for it: each begins at its first address, or at a multiple of the limit.
    func parts(of limit: Int) -> [PDU] {
        guard !isOfBits, addresses.count > limit else { return [part(addresses)] }
        var parts: [Range<Int>] = []
        for address in addresses {
            if let last = parts.last, address % limit != 0 {
                parts[parts.count - 1] = last.lowerBound..<address + 1
            } else {
                parts.append(address..<address + 1)
            }
        }
        return parts.map(part)
    }

    private func part(_ addresses: Range<Int>) -> PDU {
        PDU(read: function, address: UInt16(addresses.lowerBound), quantity: UInt16(addresses.count))
    }
}
