internal import Broker
internal import Modbus
internal import Simulator

/// The requests that random clients make: reads of all kinds, writes, vendor functions, units that are not there.
struct RequestMix {
    private let routing: Routing
    /// Makes each write different, most of the time.
    private var value: UInt16 = 0

    init(_ routing: Routing) {
        self.routing = routing
    }

    mutating func draw(_ random: inout RandomSource, at entrance: Entrance) -> (UnitIdentifier, PDU) {
        var unit = routing.drawUnit(entrance, &random)
        if random.chance(0.04) { unit = .broadcast }
        let address = random.chance(0.05) ? 60_010 : UInt16.random(in: 0..<4, using: &random) * 125
        let reads: [FunctionCode] = [.readHoldingRegisters, .readInputRegisters, .readMeter]
        switch Double.random(in: 0..<1, using: &random) {
        case ..<0.7:
            let quantity: UInt16 = [1, 2, 20, 125].randomElement(using: &random) ?? 1
            let function = reads.randomElement(using: &random) ?? .readHoldingRegisters
            return (unit, PDU(read: function, address: address, quantity: quantity))
        case ..<0.78: return (unit, PDU(read: .readCoils, address: address, quantity: 40))
        case ..<0.9: return (unit, PDU(write: .writeSingleRegister, address: address, value: nextValue(&random)))
        case ..<0.94: return (unit, pdu([0x10, 0, 1, 0, 1, 2], nextValue(&random)))
        case ..<0.98: return (unit, pdu([StampingUnit.opaqueFunction.rawValue], nextValue(&random)))
        default: return (unit, PDU(read: .readHoldingRegisters, address: 65_535, quantity: 2))
        }
    }

    private mutating func nextValue(_ random: inout RandomSource) -> UInt16 {
        if !random.chance(0.2) { value &+= 1 }
        return value
    }

    private func pdu(_ front: [UInt8], _ value: UInt16) -> PDU {
        let bytes = front + [UInt8(value >> 8), UInt8(value & 0xFF)]
        return (try? PDU(bytes)) ?? PDU(read: .readHoldingRegisters, address: 0, quantity: 1)
    }
}
