package import Modbus

/// A unit with registers: answers reads from memory, and writes change only that.
///
/// A register that was never given reads 0.
package final class DatasetUnit {
    /// Values by address, for each function that reads them.
    package struct Registers: Sendable {
        package var holding: [UInt16: UInt16]
        package var input: [UInt16: UInt16]
        /// Growatt's smart-meter block, function 0x20.
        package var meter: [UInt16: UInt16]

        package init(
            holding: [UInt16: UInt16] = [:], input: [UInt16: UInt16] = [:], meter: [UInt16: UInt16] = [:]
        ) {
            self.holding = holding
            self.input = input
            self.meter = meter
        }
    }

    /// Growatt's function that reads the smart-meter block.
    private static let readMeter = FunctionCode(rawValue: 0x20)

    package private(set) var registers: Registers
    private let shapes = FunctionShapes(readLike: [readMeter])

    package init(_ registers: Registers) {
        self.registers = registers
    }

    /// Executes a request: exception 1 for a function it does not have, 2 or 3 for a request out of range.
    package func answer(_ request: PDU) -> PDU {
        let parsed: Request
        do throws(PDUError) {
            parsed = try Request(request, shapes: shapes)
        } catch {
            return PDU(exception: error.exceptionCode, to: request.function)
        }
        return execute(parsed, request) ?? PDU(exception: .illegalFunction, to: request.function)
    }

    private func execute(_ parsed: Request, _ request: PDU) -> PDU? {
        switch parsed {
        case .readRegisters(let function, let range):
            return PDU(registers: values(function, range), replyTo: function)
        case .writeSingle(.writeSingleRegister, let address, let value): registers.holding[address] = value
        case .writeRegisters(let range, let values): store(values, at: range.address)
        case .maskWrite(let address, let and, let or):
            registers.holding[address] = (registers.holding[address] ?? 0) & and | or & ~and
        case .readWrite(let read, let write, let values):
            store(values, at: write.address)
            return PDU(registers: self.values(.readHoldingRegisters, read), replyTo: request.function)
        case .readBits, .writeSingle, .writeCoils, .opaque: return nil
        }
        return request.acknowledgement
    }

    private func values(_ function: FunctionCode, _ range: AddressRange) -> [UInt16] {
        let table =
            switch function {
            case .readHoldingRegisters: registers.holding
            case .readInputRegisters: registers.input
            default: registers.meter
            }
        return (0..<range.quantity).map { table[range.address + $0] ?? 0 }
    }

    private func store(_ values: [UInt16], at address: UInt16) {
        for (offset, value) in values.enumerated() { registers.holding[address + UInt16(offset)] = value }
    }
}
