internal import Broker
internal import Modbus

/// A fault, how often it strikes, and what it strikes.
package struct FaultRule: Hashable, Sendable {
    var fault: Fault
    /// Of each request that it may strike, 0–1.
    var probability: Double
    /// nil: every unit, function, register, client.
    var units: ClosedRange<UInt8>?
    var functions: ClosedRange<UInt8>?
    /// It strikes requests that touch one of them.
    var registers: ClosedRange<UInt16>?
    /// The client's name, or how it begins: `SHINE`, `TCP:127.0.0.1`. On a line, which knows no clients, it strikes none.
    var client: String?
    /// When it may strike, from the start.
    var from: Duration = .zero
    var until: Duration?

    init(_ kind: any FaultKind, _ probability: Double = 1) {
        fault = Fault(kind)
        self.probability = probability
    }

    /// - Parameter elapsed: since the start.
    func mayStrike(_ frame: RTUFrame, of client: String?, after elapsed: Duration) -> Bool {
        guard elapsed >= from, until.map({ elapsed < $0 }) ?? true,
            units?.contains(frame.unit.rawValue) ?? true,
            functions?.contains(frame.pdu.function.rawValue) ?? true,
            self.client.map({ client?.hasPrefix($0) ?? false }) ?? true
        else { return false }
        guard let registers else { return true }
        return (try? Request(frame.pdu))?.touches(registers) ?? false
    }
}

extension Request {
    fileprivate func touches(_ registers: ClosedRange<UInt16>) -> Bool {
        switch self {
        case .readRegisters(_, let range), .writeRegisters(let range, _), .readBits(_, let range),
            .writeCoils(let range, _):
            range.overlaps(registers)
        case .readWrite(let read, let write, _): read.overlaps(registers) || write.overlaps(registers)
        case .writeSingle(_, let address, _), .maskWrite(let address, _, _): registers.contains(address)
        case .opaque: false
        }
    }
}

extension AddressRange {
    fileprivate func overlaps(_ registers: ClosedRange<UInt16>) -> Bool {
        address <= registers.upperBound && Int(address) + Int(quantity) > Int(registers.lowerBound)
    }
}
