internal import ArgumentParser
internal import CBuildIdentity
internal import Settings

/// The root command: without a subcommand it is the gateway.
struct GrowattBroker: BrokerCommand {
    static let configuration = CommandConfiguration(
        commandName: "growatt-broker",
        abstract: "Shares a Growatt inverter's Modbus line between its dongle and any number of Modbus clients.",
        usage: """
            growatt-broker --inverter <endpoint> [<options>]
            growatt-broker <subcommand> [<options>]
            """,
        discussion: """
            Examples:
              growatt-broker --inverter /dev/ttyUSB0 --shine /dev/ttyUSB1 --tcp :5020
              growatt-broker --config /etc/growatt-broker/config.yaml
              growatt-broker --inverter 'serial:///dev/ttyUSB0?baud=115200' --log -
              growatt-broker --inverter tcp://10.0.0.5 --pty /run/growatt-broker/evcc
              growatt-broker --inverter rtuovertcp://ew11:8899 --tcp :502 --read-only
              growatt-broker --config my.yaml --tcp none --tls :802 --allow 10.0.0.0/24

            Flags, and variables such as GROWATT_BROKER_MIN_PERIOD, set the first line. Times are seconds (0.5), or have \
            a unit: 500ms, 2s, 1m. Repeat an address flag, or separate its values by commas; none removes the addresses \
            of the configuration.

            Without hardware: growatt-broker demo
            """,
        version: version,
        subcommands: [
            Run.self, Capture.self, Demo.self, Probe.self, Read.self, Write.self, Scan.self, Sniff.self, Ports.self,
            Compact.self, Diff.self, Analyze.self, Replay.self, CheckConfig.self, Status.self, Reload.self,
            SetLogLevel.self, Passthrough.self,
        ])

    /// As `--version` tells: of a release with its commit and date, `0.1.0 (commit 1a2b3c4d5, 2026-01-31)`.
    static let version: String = {
        let identity = String(cString: build_identity())
        return identity.isEmpty ? "0.1.0" : "0.1.0 (\(identity))"
    }()

    @OptionGroup var gateway: GatewayOptions

    func start() throws {
        try runGateway(ConfigurationSource(flags: gateway.texts, file: gateway.config))
    }
}
