internal import ArgumentParser
internal import Settings

private let defaults = GatewaySettings()

/// What is recorded and told. All are texts, and nil where they are not given, as in ``GatewayOptions``.
struct RecordOptions: ParsableArguments {
    @Option(
        help: .init(
            "Where the wire log goes: a file, - (stdout) or none (default: \(defaults.log.file)).",
            valueName: "path|-|none"))
    var log: String?
    @Option(
        help: .init(
            "Size at which a log file is replaced, with K, M or G; 0: never "
                + "(default: \(defaults.log.maxSize / 1_000_000)M).", valueName: "bytes"))
    var logMaxSize: String?
    @Option(
        help: .init(
            "The messages on stderr: error, warning, info, or debug with every exchange "
                + "(default: \(defaults.log.level.rawValue)).", valueName: "level"))
    var logLevel: String?
    @Option(
        help: .init(
            "The form of messages: text, json, journal (for systemd), or auto: journal if stderr leads there, else text "
                + "(default: \(defaults.log.format.rawValue)).", valueName: "format"))
    var logFormat: String?
    @Option(
        help: .init(
            "Capture every exchange to this file, for replay, compact and analyze; --log-max-size limits its size, too "
                + "(default: none).", valueName: "path"))
    var capture: String?
    @Option(
        help: .init(
            "The socket of status, reload and passthrough: a path, auto or none (default: auto, a file in "
                + "$XDG_RUNTIME_DIR/growatt-broker or /run/growatt-broker).", valueName: "path|auto|none"))
    var control: String?

    /// Those that are there.
    var texts: [SettingKey: [String]] {
        let single: [SettingKey: String?] = [
            .log: log, .logMaxSize: logMaxSize, .logLevel: logLevel, .logFormat: logFormat, .capture: capture,
            .control: control,
        ]
        return single.compactMapValues { $0.map { [$0] } }
    }
}
