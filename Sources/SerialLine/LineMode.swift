internal import CSerialLine
internal import Glibc

extension serial_line_mode {
    /// Passes all byte values unchanged, 9600 8N1: no echo, no flow control, modem lines ignored and left alone
    /// at close.
    static var raw: serial_line_mode {
        var mode = serial_line_mode()
        // A far side without power holds the line low; that break is no byte.
        mode.input = tcflag_t(IGNBRK)
        mode.control = tcflag_t(CREAD | CLOCAL | CS8)
        // With 0 a read without bytes would return 0, which means unplugged.
        mode.minimum = 1
        mode.input_speed = 9_600
        mode.output_speed = 9_600
        return mode
    }

    /// Raw, at a speed that no program asks for.
    ///
    /// A pseudo-terminal drops parity and seven data bits. Debian's tcsetattr(3) fails with EINVAL if that is all that a
    /// program changes, as the second one would that sets 8E1; so there is always a speed to change.
    static var vacant: serial_line_mode {
        var mode = serial_line_mode.raw
        mode.input_speed = 4_000_000
        mode.output_speed = 4_000_000
        return mode
    }

    init(baud: BaudRate, format: CharacterFormat) {
        self = .raw
        // A byte of wrong parity is then read as 0: the frame keeps its length and fails its CRC.
        if format.parity != .none { input |= tcflag_t(INPCK) }
        control = tcflag_t(CREAD | CLOCAL) | Self.bits(format)
        input_speed = UInt32(baud.bitsPerSecond)
        output_speed = UInt32(baud.bitsPerSecond)
    }

    /// The character format that is set, or nil for five or six data bits.
    var format: CharacterFormat? {
        let all = CharacterFormat.DataBits.allCases.flatMap { dataBits in
            CharacterFormat.Parity.allCases.flatMap { parity in
                CharacterFormat.StopBits.allCases.map {
                    CharacterFormat(dataBits: dataBits, parity: parity, stopBits: $0)
                }
            }
        }
        let mask = tcflag_t(CSIZE | CSTOPB | PARENB | PARODD)
        return all.first { Self.bits($0) == control & mask }
    }

    /// Whether the speed is near enough for characters to be read: 2 %, as dividers do not give every number.
    func isNear(_ baud: BaudRate) -> Bool {
        abs(Int(output_speed) - baud.bitsPerSecond) * 50 <= baud.bitsPerSecond
    }

    private static func bits(_ format: CharacterFormat) -> tcflag_t {
        let dataBits = format.dataBits == .seven ? CS7 : CS8
        let stopBits = format.stopBits == .two ? CSTOPB : 0
        let parity =
            switch format.parity {
            case .none: Int32(0)
            case .even: PARENB
            case .odd: PARENB | PARODD
            }
        return tcflag_t(dataBits | stopBits | parity)
    }
}
