internal import Text

/// How a passthrough stands, for people.
struct PassthroughText {
    private let passthrough: JSONValue

    /// - Parameter passthrough: the member of a line in `status`, or of the command's reply; not null.
    init(_ passthrough: JSONValue) {
        self.passthrough = passthrough
    }

    var line: String {
        let bytes =
            "\(passthrough["dongleBytes"].counted("byte")) of the dongle, \(passthrough["inverterBytes"].text) of the inverter, "
            + "\(passthrough["lostBytes"].text) lost"
        return "\(state); \(bytes)"
    }

    private var state: String {
        let left = "ends in \(passthrough["leftSeconds"].age)"
        let update = passthrough["updateByteSeconds"]
        return switch passthrough["phase"].string {
        case "waiting": "on as soon as the line is free, \(left)"
        case "ending" where update.isThere:
            "ends as soon as five minutes have passed without bytes of an update (the last one \(update.age) ago), and the "
                + "inverter answers what it is polled"
        case "ending": "ends as soon as what flows is known to be no update"
        default: update.isThere ? "on, \(left), the last byte of an update \(update.age) ago" : "on, \(left)"
        }
    }
}
