internal import ArgumentParser
internal import Gateway
internal import Text

/// Joins the ports of dongle and inverter of a running broker.
struct Passthrough: BrokerCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let the dongle update the inverter's firmware through a running broker.",
        usage: "growatt-broker passthrough [<options>]",
        discussion: """
            Joins the dongle's port and the line byte by byte. All other clients get exception 0x0A meanwhile. It \
            ends when its time is over, or by --end, but not within five minutes of the last byte of an update. Asked \
            again while it is on, it goes on for so many minutes from then. docs/control.md tells how an update is \
            done.

            Examples:
              growatt-broker passthrough --minutes 20
              growatt-broker passthrough --line garage --minutes 20
              growatt-broker passthrough --end
            """,
        version: GrowattBroker.version)

    @Option(help: .init("For how long, 1 to 240; default 20.", valueName: "minutes"))
    var minutes: String?
    @Flag(help: "End it; put off while an update goes on.")
    var end = false
    @Option(help: .init("Which line's dongle; needed only if several have one.", valueName: "name"))
    var line: String?
    @OptionGroup var control: ControlOptions

    func start() throws {
        let duration = try duration
        let result = try control.connect().ask(.passthrough(minutes: duration, line: line))
        guard case .array(let notes) = result["notes"] else { return }
        for note in notes { StandardStreams.printError(note.string ?? "") }
        let passthrough = result["passthrough"]
        StandardStreams.print("passthrough: " + (passthrough.isThere ? PassthroughText(passthrough).line : "ended"))
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
