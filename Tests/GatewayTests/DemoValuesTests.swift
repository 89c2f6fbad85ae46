import Broker
import Modbus
import Simulator
import Testing

@testable import Gateway

struct DemoValuesTests {
    private func unit(_ profile: String, startingAt hour: Double) throws -> DatasetUnit {
        let clock = SimulatedClock(origin: .start, start: hour * 3600, scale: 60)
        return try DatasetUnit.demo(Profile([profile]), clock: clock, seed: 1)
    }

    @Test("values come with their unit, their register, and the sign that they have")
    func values() throws {
        let values = DemoValues(of: try unit("static", startingAt: 12), at: .start)
        #expect(
            values.lines == [
                "  solar          4512.6 W     input 3001:u32  × 0.1",
                "  house          812.4 W      input 3045:s32  × 0.1",
                "  from the grid  0.0 W        input 3041:s32  × 0.1",
                "  to the grid    2417.4 W     input 3043:s32  × 0.1",
                "  battery        64 %         input 3171",
                "  grid           238.4 V      input 3026  × 0.1",
                "  today          10.0 kWh     input 3049:u32  × 0.1",
            ])
        #expect(values.line.hasPrefix("solar 4512.6 W, house 812.4 W, "))
    }

    @Test("a profile moves the values, static keeps them")
    func movement() throws {
        let (moved, still) = (try unit("sunny-day", startingAt: 10), try unit("static", startingAt: 10))
        let later = Instant.start + .seconds(60)
        #expect(DemoValues(of: moved, at: .start).line != DemoValues(of: moved, at: later).line)
        #expect(DemoValues(of: still, at: .start).line == DemoValues(of: still, at: later).line)
    }

    @Test("an inverter that says nothing at night is said to sleep")
    func sleep() throws {
        let values = DemoValues(of: try unit("sleeping-inverter", startingAt: 1), at: .start)
        #expect(values.lines == ["  the inverter sleeps: it says nothing"])
        #expect(values.line == "the inverter sleeps: it says nothing")
    }
}
