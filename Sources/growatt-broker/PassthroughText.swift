internal import Gateway

/// How a passthrough stands, for people.
struct PassthroughText {
    private let passthrough: Snapshot.Passthrough

    init(_ passthrough: Snapshot.Passthrough) {
        self.passthrough = passthrough
    }

    var line: String {
        let bytes =
            "\(passthrough.dongleBytes.counted("byte")) of the dongle, \(passthrough.inverterBytes.text) of the inverter, "
            + "\(passthrough.lostBytes.text) lost"
        return "\(state); \(bytes)"
    }

    private var state: String {
        let left = "ends in \(passthrough.left.age)"
        let update = passthrough.updateByte.map { $0.age }
        return switch (passthrough.phase, update) {
        case ("waiting", _): "on as soon as the line is free, \(left)"
        case ("ending", let age?):
            "ends as soon as five minutes have passed without bytes of an update (the last one \(age) ago), and the "
                + "inverter answers what it is polled"
        case ("ending", nil): "ends as soon as what flows is known to be no update"
        case (_, let age?): "on, \(left), the last byte of an update \(age) ago"
        case (_, nil): "on, \(left)"
        }
    }
}
