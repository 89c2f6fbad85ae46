import Growatt
import Modbus
import Testing

@Suite struct UnitTableTests {
    @Test func `each table is read by a function of its own, by which it is found again`() {
        for table in UnitTable.allCases { #expect(UnitTable(readBy: table.function) == table) }
        #expect(UnitTable(readBy: .writeSingleCoil) == nil)
        #expect(UnitTable.meter.function.rawValue == 0x20)
    }
}
