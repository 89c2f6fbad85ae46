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
        // With the flag nothing else need be right.
        let paths: [String]
        if let control {
            paths = ControlSocket.candidates(try ControlPlace(flag: control))
        } else {
            // A file may say already where it will be.
            let said = ConfigurationSource.control ?? .automatic
            paths = ControlSocket.candidates(said) + (said == .automatic ? [] : ControlSocket.candidates(.automatic))
        }
        guard !paths.isEmpty else {
            throw UsageFailure("--control \"none\": expected the path of a running broker's control socket")
        }
        return try ControlClient(paths)
    }
}
