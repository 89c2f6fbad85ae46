/// How the driver switches an RS-485 transceiver between sending and receiving with the RTS pin.
///
/// Source: the kernel's Documentation/driver-api/serial/serial-rs485.rst.
package struct RS485Direction: Hashable, Sendable {
    /// Level of RTS while sending; the opposite level is set afterwards.
    package var rtsOnSend: Bool
    /// Time between RTS and the first bit; whole milliseconds, rounded up; the kernel allows 100.
    package var delayBeforeSend: Duration
    /// Time between the last bit and RTS; whole milliseconds, rounded up; the kernel allows 100.
    package var delayAfterSend: Duration

    package init(rtsOnSend: Bool = true, delayBeforeSend: Duration = .zero, delayAfterSend: Duration = .zero) {
        self.rtsOnSend = rtsOnSend
        self.delayBeforeSend = delayBeforeSend
        self.delayAfterSend = delayAfterSend
    }
}
