import CSerialLine
import Testing

@testable import SerialLine

@Suite struct DriverSettingsTests {
    @Test("what a driver keeps is read back as a format", arguments: ["7N1", "7E2", "8N1", "8E1", "8O1", "8N2"])
    func readsBackFormat(text: String) throws {
        let format = try CharacterFormat(text)
        #expect(serial_line_mode(baud: try BaudRate(9_600), format: format).format == format)
    }

    @Test(
        "a speed within 2 % of what was asked for is near enough",
        arguments: [(9_600, 9_600, true), (115_200, 117_504, true), (115_200, 117_505, false), (250_000, 9_600, false)]
    )
    func comparesSpeed(wanted: Int, actual: UInt32, near: Bool) throws {
        var mode = serial_line_mode.raw
        mode.output_speed = actual
        #expect(mode.isNear(try BaudRate(wanted)) == near)
    }

    @Test("delays of direction control are whole milliseconds, rounded up")
    func roundsDelays() {
        let direction = RS485Direction(delayBeforeSend: .microseconds(1_001), delayAfterSend: .milliseconds(3))
        let kernel = serial_rs485(direction)
        #expect(kernel.delay_rts_before_send == 2 && kernel.delay_rts_after_send == 3)
        #expect(kernel.hasPolarity(of: direction) && kernel.hasDelays(of: direction))
        #expect(!kernel.hasPolarity(of: RS485Direction(rtsOnSend: false)))
    }
}
