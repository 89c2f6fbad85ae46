internal import Growatt
internal import Modbus

/// Consecutive registers that were read.
struct RegisterRange {
    let unit: UnitIdentifier
    let table: RegisterTable
    var addresses: ClosedRange<Int>
    /// How many of them had more than one value.
    var changing: Int

    /// In ascending order.
    static func all(of registers: RegisterStatistics) -> [RegisterRange] {
        var ranges: [RegisterRange] = []
        for (key, values) in registers.all {
            let (address, changing) = (Int(key.address), values.changes > 0 ? 1 : 0)
            if let last = ranges.last, last.unit == key.unit, last.table == key.table,
                last.addresses.upperBound + 1 == address
            {
                ranges[ranges.count - 1].addresses = last.addresses.lowerBound...address
                ranges[ranges.count - 1].changing += changing
            } else {
                ranges.append(
                    RegisterRange(unit: key.unit, table: key.table, addresses: address...address, changing: changing))
            }
        }
        return ranges
    }
}
