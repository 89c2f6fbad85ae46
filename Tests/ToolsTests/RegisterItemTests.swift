import Growatt
import Modbus
import Testing

@testable import Tools

struct RegisterItemTests {
    @Test(arguments: [
        ("7", 7...7, ValueType.u16), ("0-124", 0...124, .u16), ("3001x24", 3001...3024, .u16),
        ("0x0BB9", 3001...3001, .u16),
        ("0x10x2:u32", 16...17, .u32), ("0x10-0x13:f32", 16...19, .f32), ("3001:s32", 3001...3002, .s32),
        ("23x5:ascii", 23...27, .ascii), ("65535", 65535...65535, .u16), ("0:bits", 0...0, .bits),
    ])
    func `an item is an address, a range or a count, with a type`(
        _ text: String, _ addresses: ClosedRange<Int>, _ type: ValueType
    ) throws {
        #expect(
            try RegisterItem.list(["holding", text]) == [
                RegisterItem(table: .holding, addresses: addresses, type: type)
            ])
    }

    @Test func `a table holds for what follows, in any letter case`() throws {
        #expect(
            try RegisterItem.list(["input", "1", "2", "HOLDING", "3"]) == [
                .init(table: .input, addresses: 1...1), .init(table: .input, addresses: 2...2),
                .init(table: .holding, addresses: 3...3),
            ])
    }

    @Test(arguments: [
        (["7"], "word 1 \"7\": expected a table first"), (["holding"], "no register is named behind holding"),
        (["holding", "input", "1"], "no register is named behind holding"), ([], "no register is named"),
        (["holding", "1", "30x0"], "word 3 \"30x0\": expected N, N-M or NxCOUNT"),
        (["holding", "9-7"], "word 2 \"9-7\""), (["holding", "-7"], "word 2"), (["holding", "65536"], "up to 65535"),
        (["holding", "65535:u32"], "up to 65535"), (["holding", "65530x7"], "up to 65535"),
        (["holding", "1:u64"], "one of the types u16, s16, u32"),
        (["holding", "1-3:u32"], "an even number of registers"),
        (["coil", "1:u16"], "no type behind a coil"), (["holding", "0x"], "word 2"), (["holding", "1x2x3"], "word 2"),
        (["holding", "99999999999999999999"], "word 2"), (["holding", "1,2"], "word 2"), (["holding", "٣"], "word 2"),
    ])
    func `what is no item is refused by its place, its text and what is allowed`(_ words: [String], _ text: String) {
        let error = #expect(throws: ToolError.self) { try RegisterItem.list(words) }
        #expect(error?.description.contains(text) == true, "\(error?.description ?? "none")")
        #expect(error?.status == 2)
    }
}
