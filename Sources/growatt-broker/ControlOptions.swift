internal import ArgumentParser
internal import Gateway
internal import Settings

/// Which running broker is meant.
struct ControlOptions: ParsableArguments {
    @Option(
        help: .init(
            "The broker's control socket, as its --control says (default: control in $XDG_RUNTIME_DIR/growatt-broker, "
                + "else in /run/growatt-broker).", valueName: "path"))
    var control: String?

    /// - Throws: ``GatewayError`` if no broker is there.
    func connect() throws -> ControlClient {
        // Without the flag as the broker itself finds it, variables and the default file included.
        let flags: [SettingKey: [String]] = control.map { [.control: [$0]] } ?? [:]
        let place = try ConfigurationSource.control(flags)
        guard let path = ControlSocket.path(place) else {
            throw UsageFailure("--control \"none\": expected the path of a running broker's control socket")
        }
        return try ControlClient(path)
    }
}
