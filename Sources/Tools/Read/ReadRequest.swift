package import Growatt
internal import Modbus

/// One read of consecutive addresses.
package struct ReadRequest: Hashable, Sendable {
    package let table: UnitTable
    package let addresses: ClosedRange<Int>

    var pdu: PDU {
        PDU(
            read: table.function, address: UInt16(addresses.lowerBound),
            quantity: UInt16(truncatingIfNeeded: addresses.count))
    }
}

extension ReadLimits {
    private static let bits = 2000

    /// The last address of a read that begins here.
    fileprivate func lastAddress(from first: Int, in table: UnitTable) -> Int {
        if table.isBits { return first + Self.bits - 1 }
        guard let group = group.map({ Int($0) }) else { return first + Int(quantity) - 1 }
        return (first / group + 1) * group - 1
    }
}

extension ReadRequest {
    /// The fewest reads that have all items and nothing else; a value stays whole where a read may hold it.
    package static func all(for items: [RegisterItem], limit: ReadLimits) -> [ReadRequest] {
        var tables: [UnitTable] = []
        for item in items where !tables.contains(item.table) { tables.append(item.table) }
        return tables.flatMap { table in
            let values = items.filter { $0.table == table }.flatMap(\.values)
            return requests(
                table, values.sorted { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }, limit)
        }
    }

    /// - Parameter values: in ascending order; they may overlap.
    private static func requests(
        _ table: UnitTable, _ values: [ClosedRange<Int>], _ limit: ReadLimits
    ) -> [ReadRequest] {
        var requests: [ReadRequest] = []
        var current: ClosedRange<Int>?
        for value in values {
            if let range = current {
                let last = max(range.upperBound, value.upperBound)
                if value.lowerBound <= range.upperBound + 1,
                    last <= limit.lastAddress(from: range.lowerBound, in: table)
                {
                    current = range.lowerBound...last
                    continue
                }
                requests.append(ReadRequest(table: table, addresses: range))
            }
            var rest = value
            while limit.lastAddress(from: rest.lowerBound, in: table) < rest.upperBound {
                let last = limit.lastAddress(from: rest.lowerBound, in: table)
                requests.append(ReadRequest(table: table, addresses: rest.lowerBound...last))
                rest = (last + 1)...rest.upperBound
            }
            current = rest
        }
        if let current { requests.append(ReadRequest(table: table, addresses: current)) }
        return requests
    }
}
