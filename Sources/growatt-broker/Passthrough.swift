internal import ArgumentParser
internal import Gateway
internal import Text

/// Joins the ports of dongle and inverter of a running broker.
struct Passthrough: BrokerCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let the dongle update the inverter's firmware through a running broker.",
        usage: "growatt-broker passthrough [<options>]",
        discussion: """
            A passthrough joins the dongle's port and the line byte by byte. Meanwhile all other clients get exception \
            0x0A. It ends when its time is over, or by --end, but not within five minutes of the last byte of an update. \
            The same command during a passthrough gives it this many minutes from then on. docs/control.md has the steps \
            of an update.

            Examples:
              growatt-broker passthrough --minutes 20
              growatt-broker passthrough --line garage --minutes 20
              growatt-broker passthrough --end
            """,
        version: GrowattBroker.version)

    @Option(help: .init("The length of the passthrough, 1 to 240 (default: 20).", valueName: "minutes"))
    var minutes: String?
    @Flag(help: "End the passthrough; an update delays the end.")
    var end = false
    @Option(help: .init("The line of the dongle; needed only if several lines have one.", valueName: "name"))
    var line: String?
    @OptionGroup var control: ControlOptions

    func start() throws {
        let duration = try duration
        let reply = PassthroughReply(try control.connect().ask(.passthrough(minutes: duration, line: line)))
        for note in reply.notes { StandardStreams.printError(note) }
        StandardStreams.print("passthrough: " + (reply.passthrough.map { PassthroughText($0).line } ?? "ended"))
    }

    /// nil: to end.
    private var duration: Int? {
        get throws {
            if end {
                guard minutes == nil else { throw UsageFailure("--minutes and --end: expected one of them") }
                return nil
            }
            guard let minutes else { return 20 }
            guard let number = Int(minutes), (1...240).contains(number) else {
                throw UsageFailure("--minutes \(minutes.debugDescription): expected 1 to 240")
            }
            return number
        }
    }
}
