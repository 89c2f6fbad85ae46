internal import CSerialLine

extension serial_rs485 {
    init(_ direction: RS485Direction) {
        self.init()
        flags = UInt32(SER_RS485_ENABLED) | Self.polarity(of: direction)
        delay_rts_before_send = Self.milliseconds(direction.delayBeforeSend)
        delay_rts_after_send = Self.milliseconds(direction.delayAfterSend)
    }

    func hasPolarity(of direction: RS485Direction) -> Bool {
        let mask = UInt32(SER_RS485_RTS_ON_SEND | SER_RS485_RTS_AFTER_SEND)
        return flags & mask == Self.polarity(of: direction)
    }

    func hasDelays(of direction: RS485Direction) -> Bool {
        delay_rts_before_send == Self.milliseconds(direction.delayBeforeSend)
            && delay_rts_after_send == Self.milliseconds(direction.delayAfterSend)
    }

    private static func polarity(of direction: RS485Direction) -> UInt32 {
        UInt32(direction.rtsOnSend ? SER_RS485_RTS_ON_SEND : SER_RS485_RTS_AFTER_SEND)
    }

    /// Rounded up; limited to a minute, which is beyond what the kernel takes.
    private static func milliseconds(_ delay: Duration) -> UInt32 {
        let limited = min(max(delay, .zero), .seconds(60)).components
        return UInt32(limited.seconds * 1_000 + (limited.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
