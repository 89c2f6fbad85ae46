internal import Broker
internal import Modbus

/// A fault, how often it strikes, and what it strikes.
package struct FaultRule: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// The reply comes later than it would, but comes.
        case delay(ClosedRange<Duration>)
        /// The same, mostly short and seldom very long: exponential with this mean, at most about twenty times it.
        case tail(mean: Duration)
        case loss
        /// The reply comes so long after the response timeout.
        case late(ClosedRange<Duration>)
        case exception(UInt8)
        case duplicate
        case truncated
        case crc
        case noiseBefore
        case noiseAfter
        case split(gap: ClosedRange<Duration>)
        case wrongUnit
        case wrongFunction
        case wrongCount
        /// The unit hears nothing for so long.
        case asleep(Duration)
        /// The line is gone for so long.
        case unplugged(Duration)
    }

    package var kind: Kind
    /// Of each request that it may strike, 0–1.
    package var probability = 1.0
    /// nil: every unit, function, register, client.
    package var units: ClosedRange<UInt8>?
    package var functions: ClosedRange<UInt8>?
    /// It strikes requests that touch one of them.
    package var registers: ClosedRange<UInt16>?
    /// The client's name, or how it begins: `SHINE`, `TCP:127.0.0.1`. On a line, which knows no clients, it strikes none.
    package var client: String?
    /// When it may strike, from the start.
    package var from: Duration = .zero
    package var until: Duration?

    package init(_ kind: Kind) {
        self.kind = kind
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
