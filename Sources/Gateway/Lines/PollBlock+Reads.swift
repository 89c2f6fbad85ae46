internal import Broker
internal import Growatt
internal import Modbus
internal import Settings

extension PollBlock {
    /// Reads of at most 125 registers.
    var reads: [SwitchboardPlan.Poll] {
        stride(from: Int(addresses.lowerBound), through: Int(addresses.upperBound), by: 125).map { first in
            let last = min(first + 124, Int(addresses.upperBound))
            let pdu = PDU(read: table.function, address: UInt16(first), quantity: UInt16(last - first + 1))
            return SwitchboardPlan.Poll(unit: UnitIdentifier(rawValue: unit), pdu)
        }
    }
}
