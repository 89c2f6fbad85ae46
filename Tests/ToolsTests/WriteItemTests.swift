import Growatt
import Modbus
import Testing

@testable import Tools

struct WriteItemTests {
    private func item(_ words: [String], _ order: WordOrder = .highFirst) throws -> WriteItem {
        try #require(try WriteItem.list(words, order: order).first)
    }

    @Test(
        arguments: [
            ("3049=1", 3049...3049, [1]), ("45=2025,11,22", 45...47, [2025, 11, 22]),
            ("0x10=0xFFFF", 16...16, [0xFFFF]),
            ("7:s16=-2", 7...7, [0xFFFE]), ("7:u32=65538", 7...8, [1, 2]),
            ("7:s32=-2,1", 7...10, [0xFFFF, 0xFFFE, 0, 1]),
            ("7:f32=12.5", 7...8, [0x4148, 0]), ("7:bits=1000000000000001", 7...7, [0x8001]),
            ("23:ascii=ABC", 23...24, [0x4142, 0x4300]), ("23x4:ascii=ABC", 23...26, [0x4142, 0x4300, 0, 0]),
            ("7x2=1,2", 7...8, [1, 2]),
        ] as [(String, ClosedRange<Int>, [UInt16])])
    func `values are encoded as their type says`(
        _ text: String, _ addresses: ClosedRange<Int>, _ registers: [UInt16]
    ) throws {
        let item = try item(["holding", text])
        #expect(item.item.addresses == addresses)
        #expect(item.registers == registers)
    }

    @Test func `the low word may come first, and is shown so`() throws {
        let item = try item(["holding", "7:u32=65538"], .lowFirst)
        #expect(item.registers == [2, 1])
        #expect(item.text(of: [2, 1], .lowFirst) == "65538")
    }

    @Test func `one register goes by 0x06, more by 0x10, a coil by 0x05, more by 0x0F`() throws {
        func bytes(_ words: [String], multiple: Bool = false) throws -> [UInt8]? {
            try item(words).pdu(usesMultiple: multiple)?.bytes
        }
        #expect(try bytes(["holding", "3=258"]) == [6, 0, 3, 1, 2])
        #expect(try bytes(["holding", "3=258"], multiple: true) == [16, 0, 3, 0, 1, 2, 1, 2])
        #expect(try bytes(["holding", "3=1,2"]) == [16, 0, 3, 0, 2, 4, 0, 1, 0, 2])
        #expect(try bytes(["coil", "3=on"]) == [5, 0, 3, 0xFF, 0])
        #expect(try bytes(["coil", "3=1,0,0,0,0,0,0,0,1"]) == [15, 0, 3, 0, 9, 2, 1, 1])
    }

    @Test(arguments: [
        (["input", "1=2"], "the input table cannot be written"), (["holding"], "behind it ADDRESS[:TYPE]=VALUE"),
        (["holding", "1"], "expected ADDRESS[:TYPE]=VALUE"),
        (["holding", "1="], "expected ADDRESS[:TYPE]=VALUE"), (["holding", "1=65536"], "0 to 65535"),
        (["holding", "1=-1"], "0 to 65535"), (["holding", "1:s16=40000"], "-32768 to 32767"),
        (["holding", "1=1,,2"], "value \"\""), (["holding", "1x2=1"], "cannot hold"),
        (["holding", "1-2=1,2,3"], "cannot hold"),
        (["holding", "1:bits=101"], "16 binary digits"), (["holding", "1:f32=nan"], "a number such as"),
        (["holding", "1:ascii=é"], "not ASCII"), (["coil", "1=2"], "0 or 1"),
        (["holding", "65535=1,2"], "up to 65535"),
        (["holding", "1=" + Array(repeating: "1", count: 124).joined(separator: ",")], "123 registers or less"),
        (["holding", "1x1:ascii=ABCD"], "cannot hold"), (["3049=1"], "expected a table first"),
    ])
    func `what cannot be written is refused by its place and what is allowed`(_ words: [String], _ text: String) {
        let error = #expect(throws: ToolError.self) { try WriteItem.list(words, order: .highFirst) }
        #expect(error?.description.contains(text) == true, "\(error?.description ?? "none")")
    }
}

struct WriteResultTests {
    private static func result(_ outcome: WriteResult.Outcome, _ back: [UInt16]?) throws -> WriteResult {
        let item = try #require(try WriteItem.list(["holding", "3=1"], order: .highFirst).first)
        return WriteResult(
            item: item, outcome: outcome,
            readBack: back.map { .success($0) } ?? .failure(WriteFailure(text: "no answer")))
    }

    private static let acknowledged = WriteResult.Outcome.sent(
        .reply(PDU(write: .writeSingleRegister, address: 3, value: 1)))
    private static let unknown = WriteResult.Outcome.sent(.nothing(wasSent: true))

    @Test func `only what reads back as written is right`() throws {
        #expect(try Self.result(Self.acknowledged, [1]).isRight)
        #expect(try !Self.result(Self.acknowledged, [2]).isRight)
        #expect(try !Self.result(Self.acknowledged, nil).isRight)
        #expect(try Self.result(Self.acknowledged, [2]).text.contains("reads back otherwise"))
    }

    @Test func `a write without answer is of unknown outcome, in these words, and what is read back decides`() throws {
        let (right, wrong) = (try Self.result(Self.unknown, [1]), try Self.result(Self.unknown, [2]))
        #expect(right.isRight)
        #expect(!wrong.isRight)
        for result in [right, wrong, try Self.result(Self.unknown, nil)] {
            #expect(result.text.hasPrefix("outcome unknown (no answer)"))
        }
    }
}

struct WriteSafetyTests {
    private func item(_ words: [String]) throws -> WriteItem {
        try #require(try WriteItem.list(words, order: .highFirst).first)
    }

    @Test(arguments: [["holding", "5=1", "5=2"], ["holding", "4=1,2", "5:u32=7"]])
    func `the same register twice is refused`(_ words: [String]) {
        #expect(throws: ToolError.self) { try WriteItem.list(words, order: .highFirst) }
    }

    @Test func `the way back restores every register as it was`() throws {
        let write = try item(["holding", "7:f32=12.5"])
        let way = write.word(restoring: [0x4120, 3])
        #expect(way == "holding 7=16672,3")
        #expect(try item(way.split(separator: " ").map(String.init)).registers == [0x4120, 3])
    }

    @Test func `registers that are known to do harm are named, others are not`() throws {
        #expect(DangerousRegisters.notes(try item(["holding", "33=1"])).count == 1)
        #expect(DangerousRegisters.notes(try item(["holding", "29=1,2,3"])).count == 2)
        #expect(DangerousRegisters.notes(try item(["holding", "3049=1"])).isEmpty)
        #expect(DangerousRegisters.notes(try item(["coil", "33=1"])).isEmpty)
    }
}
