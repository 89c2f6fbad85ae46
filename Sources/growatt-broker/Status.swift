internal import ArgumentParser
internal import Gateway
internal import Glibc
internal import Text

/// Asks a running broker how it goes.
struct Status: BrokerCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the state of a running broker: lines, units, clients and listeners.",
        discussion: """
            Examples:
              growatt-broker status --watch
              growatt-broker status --json | jq '.lines[0].units'
            """,
        version: GrowattBroker.version)

    @Flag(help: "Print one JSON object; docs/control.md describes it.")
    var json = false
    @Flag(help: "Ask again every second, until Ctrl-C.")
    var watch = false
    @OptionGroup var control: ControlOptions

    func start() throws {
        let client = try control.connect()
        let screen = TerminalScreen(isUsed: watch && !json && isatty(STDOUT_FILENO) == 1)
        repeat {
            let status = try client.ask(.status)
            if json {
                var bytes: [UInt8] = []
                if watch { bytes += status.line.utf8 } else { status.append(to: &bytes) }
                StandardStreams.printWhole(bytes + [UInt8(ascii: "\n")])
            } else {
                screen.show(StatusText(Snapshot(status)).lines)
            }
            if watch { sleep(1) }
        } while watch
    }
}
