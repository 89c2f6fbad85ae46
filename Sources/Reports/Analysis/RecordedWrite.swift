package import Modbus
package import WireLog

/// A write and what became of it.
package struct RecordedWrite: Sendable {
    package let wallMicroseconds: Int64
    package let client: String
    package let unit: UnitIdentifier
    package let function: FunctionCode
    package let address: UInt16
    /// Of registers; empty for coils, and where the request is not well-formed.
    package let values: [UInt16]
    package let outcome: WireLogOutcome?
    package let exceptionCode: ExceptionCode?

    /// Nil if it is no write of the specification.
    init?(_ exchange: RecordedExchange) {
        guard !exchange.request.function.isRead else { return nil }
        switch try? Request(exchange.request) {
        case .writeSingle(_, let address, let value): (self.address, values) = (address, [value])
        case .writeRegisters(let range, let values), .readWrite(_, let range, let values):
            (address, self.values) = (range.address, values)
        case .writeCoils(let range, _): (address, values) = (range.address, [])
        case .maskWrite(let address, let and, let or): (self.address, values) = (address, [and, or])
        case .readBits, .readRegisters, .opaque, nil: return nil
        }
        wallMicroseconds = exchange.wallMicroseconds
        client = exchange.client.name
        unit = exchange.unit
        function = exchange.request.function
        outcome = exchange.outcome
        exceptionCode = exchange.exceptionCode
    }

    /// `ok`, `exception 3`, `timeout` …; `open` if the recording does not tell.
    package var outcomeText: String {
        if let exceptionCode { return "exception \(exceptionCode.rawValue)" }
        return outcome?.rawValue ?? "open"
    }
}

/// A list that keeps its first elements, and counts the others.
package struct FirstElements<Element: Sendable>: Sendable {
    package let capacity: Int
    package private(set) var elements: [Element] = []
    package private(set) var count = 0

    /// How many are not kept.
    package var omitted: Int { count - elements.count }

    init(capacity: Int) {
        self.capacity = capacity
    }

    mutating func append(_ element: Element) {
        count += 1
        if elements.count < capacity { elements.append(element) }
    }
}
