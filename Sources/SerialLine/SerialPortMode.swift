internal import CSerialLine

/// What a serial port, or a pseudo-terminal, is set to at this moment.
package struct SerialPortMode: Hashable, Sendable {
    /// Bits per second.
    package let baud: Int
    /// Nil for five or six data bits. A pseudo-terminal keeps speed and stop bits, and always says 8 data bits, no parity.
    package let format: CharacterFormat?

    /// Asked at this side of a pseudo-terminal it is what the other side was set to.
    ///
    /// - Returns: nil where the descriptor is no terminal.
    package init?(descriptor: Int32) {
        var mode = serial_line_mode()
        guard serial_line_get_mode(descriptor, &mode) == 0 else { return nil }
        baud = Int(mode.output_speed)
        format = mode.format
    }
}
