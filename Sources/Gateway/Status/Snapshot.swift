/// How a broker stands at one moment: what `status` tells. `docs/control.md` describes the members.
///
/// A value is nil where there is none, and where an older broker does not tell it.
package struct Snapshot: SnapshotPart {
    /// Of the program.
    package var version: String?
    package var uptime: Duration?
    package var logLevel: String?
    package var lines: [Line] = []
    package var listeners: [Listener] = []
    package var refused = Refused()
    package var clients: [Client] = []
    package var lost = Lost()

    package init() {}

    package static let fields: [SnapshotField<Self>] = [
        .value("version", \.version, .text), .value("uptimeSeconds", \.uptime, .seconds),
        .value("logLevel", \.logLevel, .text), .parts("lines", \.lines), .parts("listeners", \.listeners),
        .part("refused", \.refused), .parts("clients", \.clients), .part("lost", \.lost),
    ]

    /// A listener, or a feed of the traffic.
    package struct Listener: SnapshotPart {
        package var kind: String?
        package var address: String?
        package var connections: Int?
        /// Connections that were closed, and datagrams that were dropped, because they were no Modbus; nil: no clients.
        package var invalid: Int?
        /// Datagrams that there was no room for.
        package var dropped: Int?

        package init() {}

        package static let fields: [SnapshotField<Self>] = [
            .value("kind", \.kind, .text), .value("address", \.address, .text),
            .value("connections", \.connections, .count), .value("invalid", \.invalid, .count),
            .value("dropped", \.dropped, .count),
        ]
    }

    /// How many were not let in since the start, by reason; requests above the rate, too.
    package struct Refused: SnapshotPart {
        package var address: Int?
        package var perAddress: Int?
        package var full: Int?
        package var descriptors: Int?
        package var reflected: Int?
        package var handshake: Int?
        package var rate: Int?

        package init() {}

        package static let fields: [SnapshotField<Self>] = [
            .value("address", \.address, .count), .value("perAddress", \.perAddress, .count),
            .value("full", \.full, .count), .value("descriptors", \.descriptors, .count),
            .value("reflected", \.reflected, .count), .value("handshake", \.handshake, .count),
            .value("rate", \.rate, .count),
        ]
    }

    /// How many records could not be written.
    package struct Lost: SnapshotPart {
        package var log: Int?
        /// nil: there is no capture.
        package var capture: Int?

        package init() {}

        package static let fields: [SnapshotField<Self>] = [
            .value("log", \.log, .count), .value("capture", \.capture, .count),
        ]
    }
}
