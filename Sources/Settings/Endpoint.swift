/// What the broker is connected to at one end.
///
/// `rtuovertcp://`, `tcp://` and `pty://` are known, but not supported in this version.
package enum Endpoint: Hashable, Sendable {
    /// A serial device; `baud` is 50 to 4,000,000 bits per second. `direction`: the level of RTS while the driver sends, for
    /// RS-485 transceivers that it switches; nil: they switch by themselves.
    case serial(path: String, baud: Int, format: LineFormat, direction: SendingLevel? = nil)

    /// The level of RTS while sending.
    package enum SendingLevel: String, CaseIterable, Hashable, Sendable {
        case high, low
    }

    /// Growatt's RS-485.
    package static let defaultBaud = 9600
    /// 8N1.
    package static let defaultFormat = LineFormat.eightNoneOne

    static let allowedBaud = 50...4_000_000
    static let allowed = "a device path such as /dev/ttyUSB0, or serial:///dev/ttyUSB0?baud=9600&format=8N1"

    /// The device, as written.
    package var path: String {
        switch self {
        case .serial(let path, _, _, _): path
        }
    }
}

extension Endpoint: CustomStringConvertible {
    /// Such as `/dev/ttyUSB0 9600 8N1`.
    package var description: String {
        switch self {
        case .serial(let path, let baud, let format, let direction):
            "\(path) \(baud) \(format)" + (direction.map { " rts \($0.rawValue) while sending" } ?? "")
        }
    }
}
