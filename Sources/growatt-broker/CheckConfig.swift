internal import ArgumentParser
internal import Gateway
internal import Settings

/// Tells whether a configuration can be used, and what it comes to.
struct CheckConfig: BrokerCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check a configuration, and print the settings in effect with the origin of each value.",
        discussion: """
            Variables of the environment count as for the gateway. The output is itself a configuration.

            Examples:
              growatt-broker check-config /etc/growatt-broker/config.yaml
              INV_DEV=/dev/ttyUSB0 growatt-broker check-config
              growatt-broker check-config --schema > growatt-broker.schema.json
            """,
        version: GrowattBroker.version)

    @Argument(
        help: .init(
            "The configuration (default: as for a gateway without flags: \(Configuration.defaultFile) if it exists, and "
                + "variables).", valueName: "file"))
    var file: String?
    @Flag(help: "Print the JSON Schema of configuration files, for editors.")
    var schema = false

    func start() throws {
        if schema {
            if let file { throw UsageFailure("--schema: expected no file with it, not \(file.debugDescription)") }
            StandardStreams.printWhole(Array(GatewaySettings.schema.utf8))
            return
        }
        let configuration = try ConfigurationSource(flags: [:], file: file).values()
        do throws(YAMLError) {
            _ = try GatewayConfiguration(configuration)
        } catch {
            throw UsageFailure(lines: error.lines)
        }
        for notice in configuration.notices { StandardStreams.printError(notice) }
        StandardStreams.printWhole(Array(configuration.effective.utf8))
    }
}
