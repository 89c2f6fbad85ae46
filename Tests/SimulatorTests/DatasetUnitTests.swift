import Broker
import Growatt
import Modbus
import Simulator
import Testing

struct DatasetUnitTests {
    private static let registers = Dataset.Unit(
        holding: [0: 1, 1: 2, 44: 7, 45: 8], input: [10: 0x1234], meter: [3: 9])

    @Test(
        "reads are answered from their table, and what is missing reads 0",
        arguments: [
            (3, 0, [1, 2, 0]), (4, 10, [0x1234]), (4, 0, [0]), (0x20, 3, [9, 0]), (3, 65535, [0]),
        ] as [(UInt8, UInt16, [UInt16])])
    func reads(_ function: UInt8, _ address: UInt16, _ values: [UInt16]) {
        let function = FunctionCode(rawValue: function)
        let reply = ask(PDU(read: function, address: address, quantity: UInt16(values.count)))
        #expect(reply == PDU(registers: values, replyTo: function))
    }

    @Test func `writes of every kind change memory, and only that`() throws {
        let unit = DatasetUnit(Self.registers)
        let single = PDU(write: .writeSingleRegister, address: 1, value: 99)
        #expect(unit.answer(single, at: .start) == single)
        let several = try PDU([0x10, 0, 2, 0, 2, 4, 0, 5, 0, 6])
        #expect(unit.answer(several, at: .start)?.bytes == [0x10, 0, 2, 0, 2])
        // 0x63 AND 0xF2 OR (0x25 AND NOT 0xF2)
        let mask = try PDU([0x16, 0, 1, 0, 0xF2, 0, 0x25])
        #expect(unit.answer(mask, at: .start) == mask)
        let both = try PDU([0x17, 0, 0, 0, 4, 0, 0, 0, 1, 2, 0, 77])
        #expect(unit.answer(both, at: .start)?.bytes == [0x17, 8, 0, 77, 0, 0x67, 0, 5, 0, 6])
        #expect(unit.registers.holding == [0: 77, 1: 0x67, 2: 5, 3: 6, 44: 7, 45: 8])
        #expect(unit.registers.input == Self.registers.input)
    }

    @Test("a function that it does not have is exception 1", arguments: [1, 2, 5, 15, 0x14, 0x2B, 0x41] as [UInt8])
    func unknownFunction(_ function: UInt8) throws {
        let requests: [UInt8: [UInt8]] = [
            1: [1, 0, 0, 0, 1], 2: [2, 0, 0, 0, 1], 5: [5, 0, 0, 0xFF, 0], 15: [15, 0, 0, 0, 1, 1, 1],
        ]
        #expect(ask(try PDU(requests[function] ?? [function, 0]))?.bytes == [function | 0x80, 1])
    }

    @Test(
        "a request out of range is refused as the specification has it",
        arguments: [
            ([3, 0, 0, 0, 0], 3), ([3, 0, 0, 0, 126], 3), ([3, 0xFF, 0xFF, 0, 2], 2), ([4, 0, 0], 3),
            ([0x10, 0, 0, 0, 1, 3, 0, 0, 0], 3), ([0x20, 0, 0, 0, 126], 3),
        ] as [([UInt8], UInt8)])
    func outOfRange(_ bytes: [UInt8], _ code: UInt8) throws {
        #expect(ask(try PDU(bytes))?.exceptionCode?.rawValue == code)
    }

    @Test func `strict: a register that is not in the dataset is exception 2, to read and to write`() throws {
        var settings = DatasetUnit.Settings()
        settings.isStrict = true
        let unit = DatasetUnit(Self.registers, settings: settings)
        func code(_ pdu: PDU) -> ExceptionCode? { unit.answer(pdu, at: .start)?.exceptionCode }
        #expect(code(PDU(read: .readHoldingRegisters, address: 0, quantity: 2)) == nil)
        #expect(code(PDU(read: .readHoldingRegisters, address: 1, quantity: 2)) == .illegalDataAddress)
        #expect(code(PDU(read: .readInputRegisters, address: 0, quantity: 1)) == .illegalDataAddress)
        #expect(code(PDU(write: .writeSingleRegister, address: 2, value: 1)) == .illegalDataAddress)
        #expect(code(try PDU([0x10, 0, 1, 0, 2, 4, 0, 5, 0, 6])) == .illegalDataAddress)
        #expect(code(try PDU([0x16, 0, 9, 0, 0, 0, 1])) == .illegalDataAddress)
        #expect(unit.registers == Self.registers)
    }

    @Test(
        "limits: a read that is too long is exception 3, one that crosses a group exception 2",
        arguments: [
            ("45", 0, 45, 0), ("45", 0, 46, 3), ("45", 44, 2, 2), ("45", 45, 45, 0), ("125", 0, 125, 0),
            ("125", 124, 2, 2), ("125", 3000, 125, 0), ("125", 2999, 2, 2), ("125", 65535, 1, 0), ("none", 44, 125, 0),
        ] as [(String, UInt16, UInt16, UInt8)])
    func limits(_ name: String, _ address: UInt16, _ quantity: UInt16, _ code: UInt8) throws {
        var settings = DatasetUnit.Settings()
        settings.limits = try #require(ReadLimits(rawValue: name))
        let unit = DatasetUnit(Self.registers, settings: settings)
        for function in [FunctionCode.readHoldingRegisters, .readInputRegisters] {
            let reply = unit.answer(PDU(read: function, address: address, quantity: quantity), at: .start)
            #expect(reply?.exceptionCode?.rawValue ?? 0 == code)
        }
    }

    @Test func `a read that its limits refuse writes nothing`() throws {
        var settings = DatasetUnit.Settings()
        settings.limits = .groupsOf45
        let unit = DatasetUnit(Self.registers, settings: settings)
        let both = try PDU([0x17, 0, 44, 0, 2, 0, 0, 0, 1, 2, 0, 77])
        #expect(unit.answer(both, at: .start)?.exceptionCode == .illegalDataAddress)
        #expect(unit.registers == Self.registers)
    }

    @Test func `other limits are refused`() {
        #expect(ReadLimits(rawValue: "46") == nil)
        #expect(ReadLimits(rawValue: "") == nil)
    }

    private func ask(_ pdu: PDU) -> PDU? { DatasetUnit(Self.registers).answer(pdu, at: .start) }
}
