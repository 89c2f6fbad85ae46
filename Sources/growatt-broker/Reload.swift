internal import ArgumentParser
internal import Gateway
internal import Text

/// Lets a running broker read its configuration again.
struct Reload: BrokerCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let a running broker read its configuration again, as SIGHUP does, and print the result.",
        discussion: """
            The broker changes only the parts that differ: listeners, ports and connections that stay the same lose no \
            exchange. An unusable configuration changes nothing.

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
