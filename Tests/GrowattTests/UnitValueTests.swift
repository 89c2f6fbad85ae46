import Growatt
import Testing

struct UnitValueTests {
    @Test(
        arguments: [
            ([0xFFFE], ValueType.u16, "65534"), ([0xFFFE], .s16, "-2"), ([1, 2], .u32, "65538"),
            ([0xFFFF, 0xFFFE], .s32, "-2"), ([0x4148, 0], .f32, "12.5"), ([0x8001], .bits, "1000000000000001"),
            ([0x4142, 0x4320, 0], .ascii, "ABC"), ([0x4100, 0x42FF], .ascii, "A\\x00B\\xFF"), ([0], .ascii, ""),
        ] as [([UInt16], ValueType, String)])
    func `registers are read as their type says`(_ registers: [UInt16], _ type: ValueType, _ text: String) {
        #expect(UnitValue(registers, type).description == text)
    }

    @Test func `the low word may come first`() {
        #expect(UnitValue([2, 1], .u32, .lowFirst) == .integer(65538))
        #expect(UnitValue([0, 0x4148], .f32, .lowFirst) == .float(12.5))
    }

    @Test(arguments: ValueType.allCases)
    func `a type is found by its word`(_ type: ValueType) {
        #expect(ValueType(rawValue: type.rawValue) == type)
    }

    @Test(
        arguments: [
            (IntegerType.u16, 65534, [0xFFFE]), (.s16, -2, [0xFFFE]), (.u32, 65538, [1, 2]),
            (.s32, -2, [0xFFFF, 0xFFFE]),
        ] as [(IntegerType, Int, [UInt16])])
    func `a number and its words are the same value`(_ type: IntegerType, _ number: Int, _ words: [UInt16]) {
        #expect(type.words(number) == words)
        #expect(type.number(words) == number)
        for end in [type.range.lowerBound, type.range.upperBound] { #expect(type.number(type.words(end)) == end) }
    }
}
