internal import ArgumentParser
internal import SerialLine
internal import Tools

/// The serial ports of this machine.
struct Ports: BrokerCommand {
    static let configuration = CommandConfiguration(
        abstract: "List serial ports: stable names, adapters, programs that have them open, your permission.",
        discussion: """
            ports opens no port.

            Examples:
              growatt-broker ports
              growatt-broker ports --json
            """,
        version: GrowattBroker.version)

    @Flag(help: "Also list pseudo-terminals, and fixed ports without a chip.")
    var all = false
    @Flag(help: "Print a JSON array.")
    var json = false

    func start() throws {
        try PortsTool(isJSON: json, Output()).run(SystemTree().portDescriptions(isComplete: all))
    }
}
