package import Growatt
package import Modbus

/// What one round of reads has brought, item by item.
package struct ReadRound: Sendable {
    package enum Row: Hashable, Sendable {
        case value(UnitTable, address: Int, ValueType, UnitValue, registers: [UInt16])
        /// These addresses could not be read.
        case failure(UnitTable, ClosedRange<Int>, String)
    }

    /// Local, when it began.
    package let timestamp: String
    package let rows: [Row]

    package var isComplete: Bool {
        rows.allSatisfy { if case .value = $0 { true } else { false } }
    }

    /// Asks for all items.
    ///
    /// A read of several items that the unit refuses is made again item by item, to find out which it is.
    /// - Throws: what `ask` throws.
    package init<Failure: Error>(
        of items: [RegisterItem], limit: ReadLimits, order: WordOrder, timestamp: String,
        _ ask: (PDU) throws(Failure) -> Answer
    ) throws(Failure) {
        var memory = Memory()
        for request in ReadRequest.all(for: items, limit: limit) {
            guard let refused = memory.note(request, try ask(request.pdu)) else { continue }
            let parts = items.filter { $0.table == request.table && $0.addresses.overlaps(request.addresses) }
            guard refused, parts.count > 1 else { continue }
            for part in parts {
                for request in ReadRequest.all(for: [part], limit: limit) {
                    _ = memory.note(request, try ask(request.pdu))
                }
            }
        }
        self.timestamp = timestamp
        rows = items.flatMap { memory.rows(of: $0, order) }
    }
}

/// What is known of each address.
private struct Memory {
    private var values: [UnitTable: [Int: UInt16]] = [:]
    private var failures: [UnitTable: [Int: String]] = [:]

    /// - Returns: nil: it was read; otherwise whether the unit refused it for its addresses.
    mutating func note(_ request: ReadRequest, _ answer: Answer) -> Bool? {
        var failure = answer.failure
        if case .reply(let pdu) = answer {
            if let read = request.table.values(of: pdu, count: request.addresses.count) {
                for (address, value) in zip(request.addresses, read) {
                    values[request.table, default: [:]][address] = value
                }
                return nil
            }
            failure = "a reply of another length"
        }
        for address in request.addresses { failures[request.table, default: [:]][address] = failure }
        return [.exception(.illegalDataAddress), .exception(.illegalDataValue)].contains(answer)
    }

    func rows(of item: RegisterItem, _ order: WordOrder) -> [ReadRound.Row] {
        var rows: [ReadRound.Row] = []
        for value in item.values {
            let registers = value.compactMap { values[item.table]?[$0] }
            if registers.count == value.count {
                let read = UnitValue(registers, item.type, order)
                rows.append(
                    .value(item.table, address: value.lowerBound, item.type, read, registers: registers))
                continue
            }
            let reason = value.lazy.compactMap { failures[item.table]?[$0] }.first ?? "not read"
            if case .failure(let table, let range, reason) = rows.last, range.upperBound + 1 == value.lowerBound {
                rows[rows.count - 1] = .failure(table, range.lowerBound...value.upperBound, reason)
            } else {
                rows.append(.failure(item.table, value, reason))
            }
        }
        return rows
    }
}
