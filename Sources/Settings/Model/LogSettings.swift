/// What is recorded, and what the operator is told.
package struct LogSettings: Hashable, Sendable {
    /// Where the wire log goes (`--log`); default none.
    package var file = LogDestination.none
    /// The most bytes of the file (`--log-max-size`); 0 (no limit) or 1 KB to 1 TB, default 100 MB.
    package var maxSize = 100_000_000
    /// How much the operator is told on stderr (`--log-level`); default info.
    package var level = LogLevel.info

    /// How what is told on stderr is written (`--log-format`); default auto.
    package var format = MessageFormat.auto

    static let fields: [SettingField<LogSettings>] = [
        .value(
            "file", \.file, .logDestination, "The file of the wire log: a path, - for stdout, or none; default none"),
        .value(
            "max-size", \.maxSize, .bytes, "Size at which the file is replaced, with K, M or G; 0: never; default 100M"),
        .value(
            "level", \.level, .word, "The least important messages on stderr; debug tells every exchange; default info"),
        .value(
            "format", \.format, .word,
            "The form of messages; auto is the journal's where stderr is the journal, else text; default auto"),
    ]
}

/// How lines for the operator are written.
package enum MessageFormat: String, CaseIterable, Hashable, Sendable {
    /// ``journal`` where stderr leads to the journal, else ``text``.
    case auto
    /// Behind the name of the program.
    case text
    /// A JSON object a line: `ts`, `t`, `level`, `message`.
    case json
    /// Behind the priority, as sd-daemon(3) has it; the journal knows time and program.
    case journal
}

/// How much the operator is told. Each level has what those before it have.
package enum LogLevel: String, CaseIterable, Hashable, Sendable {
    case error, warning, info, debug
}

/// Where every exchange is captured to.
package struct CaptureSettings: Hashable, Sendable {
    /// (`--capture`); empty: nowhere.
    package var file = ""
    /// The most bytes of the file; 0 (no limit) or 1 KB to 1 TB, default 100 MB.
    package var maxSize = 100_000_000

    static let fields: [SettingField<CaptureSettings>] = [
        .value("file", \.file, .text("the path of a file"), "The file; the broker appends to it"),
        .value(
            "max-size", \.maxSize, .bytes, "Size at which the file is replaced, with K, M or G; 0: never; default 100M"),
    ]
}

extension ValueKind<LogDestination> {
    static let logDestination = Self(
        allowed: LogDestination.allowed, schema: .text(), read: { LogDestination($0) }, text: { $0.description })
}
