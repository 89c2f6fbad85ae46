internal import Endpoints

/// The vendor's dongle, on a port of its own.
package struct DongleSettings: Hashable, Sendable {
    package var port = PortSettings()
    /// Nothing is forwarded to it later than this after its request (`--shine-timeout`, R5); 1 ms to 1 h, default 2.0 s.
    package var timeout: Duration = .seconds(2)
    /// The holding registers whose write starts a firmware update: refused, because the raw bytes that follow would be lost.
    /// Default 31, Growatt's.
    package var firmwareWrites = [31]
    /// The registers that the dongle may read; default nil: all.
    package var reads: ReadsSettings?

    package init() {}

    static let fields: [SettingField<DongleSettings>] =
        PortSettings.fields(
            .dongle,
            "A device path, rtuovertcp://HOST:PORT, or listen+rtuovertcp://HOST:PORT where a serial server connects to"
        )
        .at(\.port) + [
            .value("timeout", \.timeout, .timeout, "Time after which the dongle gives up; default 2.0"),
            .list(
                "firmware-writes", \.firmwareWrites, .number(0...65535),
                "Holding registers whose write starts a firmware update, refused outside of passthrough; default 31"),
            .reads(
                \.reads,
                "Registers that the dongle may read: off-grid, or allow and refuse; others get exception 0x02. Default all"
            ),
        ]

    @Sendable static func check(_ dongle: DongleSettings, _ reader: YAMLReader) throws(YAMLError) {
        // A speed for both ports may come from a flag where there is no dongle.
        guard dongle.port.path.isEmpty, reader.node[["endpoint"]] == nil, !reader.node.isDefault else { return }
        throw reader.error("endpoint is missing; expected the device of the dongle's port")
    }
}
