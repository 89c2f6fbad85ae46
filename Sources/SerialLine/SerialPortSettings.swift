/// What a serial port is set to when it is opened.
package struct SerialPortSettings: Hashable, Sendable {
    package var baud: BaudRate
    package var format: CharacterFormat
    /// Whether the driver is asked to pass bytes on at once (an FTDI adapter otherwise holds them for 16 ms).
    /// A driver that cannot is no error.
    package var lowLatency: Bool
    /// Direction control by the driver; nil leaves the port as it is, which is right for adapters that
    /// switch by themselves. A driver that cannot is an error.
    package var rs485: RS485Direction?

    package init(
        baud: BaudRate,
        format: CharacterFormat,
        lowLatency: Bool = true,
        rs485: RS485Direction? = nil
    ) {
        self.baud = baud
        self.format = format
        self.lowLatency = lowLatency
        self.rs485 = rs485
    }
}
