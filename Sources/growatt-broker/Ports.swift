internal import ArgumentParser
internal import SerialLine
internal import Tools

/// The serial ports of this machine.
struct Ports: BrokerCommand {
    static let configuration = CommandConfiguration(
        abstract: "List serial ports: stable names, adapters, who has them open, and whether you may open them.",
        discussion: """
            No port is opened for it.

            Examples:
              growatt-broker ports
              growatt-broker ports --json
            """,
        version: GrowattBroker.version)

    @Flag(help: "Pseudo-terminals, and fixed ports without a chip, too.")
    var all = false
    @Flag(help: "Print a JSON array.")
    var json = false

    func start() throws {
        try PortsTool(isJSON: json, Output()).run(SystemTree().portDescriptions(isComplete: all))
    }
}
