internal import ArgumentParser
internal import Gateway
internal import Text

/// Lets a running broker read its configuration again.
struct Reload: BrokerCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let a running broker read its configuration again; the same as SIGHUP, and it says what came of it.",
        discussion: """
            Only what differs is touched: listeners, ports and connections that stay the same lose no exchange. A \
            configuration that cannot be used changes nothing.

            Examples:
              growatt-broker reload
              growatt-broker reload --control /run/growatt-broker/control
            """,
        version: GrowattBroker.version)

    @OptionGroup var control: ControlOptions

    func start() throws {
        guard case .object(let members) = try control.connect().ask(.reload),
            case .array(let changes) = members.first(where: { $0.key == "changes" })?.value
        else { return }
        StandardStreams.print(
            changes.isEmpty ? "nothing changed" : changes.compactMap(\.string).joined(separator: ", "))
    }
}
