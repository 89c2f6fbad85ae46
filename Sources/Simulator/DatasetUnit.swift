package import Broker
package import Growatt
package import Modbus

/// A unit that a dataset describes: answers reads from memory, writes change only that, and a profile may move it.
///
/// It has the functions 0x03, 0x04, 0x06, 0x10, 0x16, 0x17 and Growatt's 0x20. A dataset has no coils, so that 0x01,
/// 0x02, 0x05 and 0x0F get exception 1, as from a real inverter.
package final class DatasetUnit {
    package struct Settings: Sendable {
        /// Whether a register that is not in the dataset is exception 2; otherwise it reads 0, and takes what is written.
        package var isStrict = false
        package var limits = ReadLimits.none

        package init() {}
    }

    /// What is stored: the dataset, and what was written since.
    package private(set) var registers: Dataset.Unit
    private let settings: Settings
    private var movement: ProfileMovement?

    /// - Parameter movement: what changes the registers as time goes on; nil: only writes do.
    package init(_ registers: Dataset.Unit, settings: Settings = Settings(), movement: ProfileMovement? = nil) {
        self.registers = registers
        self.settings = settings
        self.movement = movement
    }

    /// Brings what moves up to date. Reads do it too; who does it now and then keeps the next read quick.
    package func advance(to now: Instant) {
        movement?.advance(to: now)
    }

    /// Executes a request: exception 1 for a function it does not have, 2 or 3 for a request out of range.
    ///
    /// - Returns: nil while it sleeps: it hears nothing then.
    package func answer(_ request: PDU, at now: Instant) -> PDU? {
        movement?.advance(to: now)
        if movement?.isSilent == true { return nil }
        let parsed: Request
        do throws(PDUError) {
            parsed = try Request(request)
        } catch {
            return PDU(exception: error.exceptionCode, to: request.function)
        }
        do throws(Refusal) {
            return try execute(parsed, request)
        } catch {
            return PDU(exception: error.code, to: request.function)
        }
    }

    private struct Refusal: Error {
        let code: ExceptionCode
    }

    private func execute(_ parsed: Request, _ request: PDU) throws(Refusal) -> PDU {
        switch parsed {
        case .readRegisters(let function, let range):
            guard let table = RegisterTable(readBy: function) else { throw Refusal(code: .illegalFunction) }
            return PDU(registers: try values(table, range), replyTo: function)
        case .writeSingle(.writeSingleRegister, let address, let value): try store([value], at: address)
        case .writeRegisters(let range, let values): try store(values, at: range.address)
        case .maskWrite(let address, let and, let or):
            let old = value(.holding, address) ?? 0
            try store([old & and | or & ~and], at: address)
        case .readWrite(let read, let write, let values):
            try checkLimits(read)
            try store(values, at: write.address)
            return PDU(registers: try self.values(.holding, read), replyTo: request.function)
        case .readBits, .writeSingle, .writeCoils, .opaque: throw Refusal(code: .illegalFunction)
        }
        guard let acknowledgement = request.acknowledgement else { throw Refusal(code: .illegalFunction) }
        return acknowledgement
    }

    private func values(_ table: RegisterTable, _ range: AddressRange) throws(Refusal) -> [UInt16] {
        try checkLimits(range)
        var values: [UInt16] = []
        values.reserveCapacity(Int(range.quantity))
        for offset in 0..<range.quantity {
            let value = value(table, range.address + offset)
            guard value != nil || !settings.isStrict else { throw Refusal(code: .illegalDataAddress) }
            values.append(value ?? 0)
        }
        return values
    }

    /// What moves shows through what is stored; nil: neither has the register.
    private func value(_ table: RegisterTable, _ address: UInt16) -> UInt16? {
        let stored = registers[table][address]
        return movement?.value(table, address, stored: stored) ?? stored
    }

    private func store(_ values: [UInt16], at address: UInt16) throws(Refusal) {
        let addresses = values.indices.map { address + UInt16($0) }
        guard !settings.isStrict || addresses.allSatisfy({ value(.holding, $0) != nil }) else {
            throw Refusal(code: .illegalDataAddress)
        }
        for (address, value) in zip(addresses, values) { registers.holding[address] = value }
    }

    private func checkLimits(_ range: AddressRange) throws(Refusal) {
        guard range.quantity <= settings.limits.quantity else { throw Refusal(code: .illegalDataValue) }
        guard let group = settings.limits.group else { return }
        guard range.address / group == (range.address + (range.quantity - 1)) / group else {
            throw Refusal(code: .illegalDataAddress)
        }
    }
}
