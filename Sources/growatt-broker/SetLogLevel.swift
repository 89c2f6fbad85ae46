internal import ArgumentParser
internal import Gateway
internal import Settings
internal import Text

/// Tells or sets how much a running broker says.
struct SetLogLevel: BrokerCommand {
    static let configuration = CommandConfiguration(
        commandName: "log-level",
        abstract: "Show or set the level of a running broker's messages, until a restart or a reload changes it.",
        discussion: """
            Examples:
              growatt-broker log-level
              growatt-broker log-level debug
            """,
        version: GrowattBroker.version)

    @Argument(help: .init("error, warning, info, or debug with every exchange.", valueName: "level"))
    var level: String?
    @OptionGroup var control: ControlOptions

    func start() throws {
        let new = try level.map { text in
            guard let level = LogLevel(rawValue: text) else {
                throw UsageFailure("log-level \(text.debugDescription): expected error, warning, info or debug")
            }
            return level
        }
        let result = try control.connect().ask(.logLevel(new))
        StandardStreams.print(result.members?.first { $0.key == "level" }?.value.string ?? "?")
    }
}
