internal import CSerialLine
internal import Glibc

/// Puts an open serial port into the mode that was asked for.
struct PortSetup {
    let descriptor: Int32
    let path: String
    let number: DeviceNumber

    /// - Throws: `notSerialPort` where the descriptor is not that of a terminal device, `systemCall`.
    init(descriptor: Int32, path: String) throws(SerialLineError) {
        guard let node = DeviceNode(descriptor: descriptor) else {
            throw .systemCall(path: path, call: "fstat", errno: errno)
        }
        var mode = serial_line_mode()
        let code = serial_line_get_mode(descriptor, &mode)
        guard node.isCharacterDevice, code != ENOTTY else { throw .notSerialPort(path: path) }
        guard code == 0 else { throw .systemCall(path: path, call: "reading the line mode", errno: code) }
        self.descriptor = descriptor
        self.path = path
        number = node.number
    }

    /// Sets everything and drops the bytes of earlier.
    ///
    /// - Returns: what could not be had and is no error.
    /// - Throws: `refused`, `noDirectionControl`, `systemCall`.
    func apply(_ settings: SerialPortSettings) throws(SerialLineError) -> [String] {
        var notes: [String] = []
        try setMode(baud: settings.baud, format: settings.format)
        if number.isPseudoTerminal {
            notes.append("pseudo-terminal: baud rate and character format have no effect")
        } else {
            // A pseudo-terminal keeps this mark while its other side is open: nobody but root could open it again.
            try check("TIOCEXCL", serial_line_set_exclusive(descriptor))
            if settings.lowLatency, let note = setLowLatency() { notes.append(note) }
        }
        if let direction = settings.rs485 { notes += try setDirection(direction) }
        try check("flushing", serial_line_flush(descriptor))
        return notes
    }

    private func setMode(baud: BaudRate, format: CharacterFormat) throws(SerialLineError) {
        var mode = serial_line_mode(baud: baud, format: format)
        try check("setting the line mode", serial_line_set_mode(descriptor, &mode))
        // A pseudo-terminal takes every speed and drops data bits and parity, which mean nothing there.
        guard !number.isPseudoTerminal else { return }
        try check("reading the line mode", serial_line_get_mode(descriptor, &mode))
        guard mode.isNear(baud) else {
            throw .refused(path: path, wanted: "\(baud) baud", actual: "\(mode.output_speed) baud")
        }
        guard mode.format == format else {
            let actual = mode.format?.description ?? "five or six data bits"
            throw .refused(path: path, wanted: "\(format)", actual: actual)
        }
    }

    /// - Returns: why the driver cannot, or nil where it did.
    private func setLowLatency() -> String? {
        var driver = serial_struct()
        var code = serial_line_get_driver(descriptor, &driver)
        if code == 0, driver.flags & Int32(ASYNC_LOW_LATENCY) == 0 {
            driver.flags |= Int32(ASYNC_LOW_LATENCY)
            code = serial_line_set_driver(descriptor, &driver)
        }
        return code == 0 ? nil : "low latency: the driver does not offer it (\(SerialLineError.reason(code)))"
    }

    private func setDirection(_ wanted: RS485Direction) throws(SerialLineError) -> [String] {
        var direction = serial_rs485(wanted)
        var code = serial_line_set_rs485(descriptor, &direction)
        if code == 0 { code = serial_line_get_rs485(descriptor, &direction) }
        guard code == 0, direction.flags & UInt32(SER_RS485_ENABLED) != 0 else {
            throw .noDirectionControl(path: path, errno: code)
        }
        guard direction.hasPolarity(of: wanted) else {
            let levels = wanted.rtsOnSend ? ("on", "off") : ("off", "on")
            throw .refused(path: path, wanted: "RTS \(levels.0) while sending", actual: "RTS \(levels.1)")
        }
        guard direction.hasDelays(of: wanted) else {
            let delays = "\(direction.delay_rts_before_send) ms before and \(direction.delay_rts_after_send) ms after"
            return ["RS-485: the driver waits \(delays) sending"]
        }
        return []
    }

    private func check(_ call: String, _ code: Int32) throws(SerialLineError) {
        guard code == 0 else { throw .systemCall(path: path, call: call, errno: code) }
    }
}
