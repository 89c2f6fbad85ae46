package import Endpoints

/// Everything that can be set about a running broker. The defaults are in these types, and only here.
package struct GatewaySettings: Hashable, Sendable {
    /// Of the keys of a configuration file, which may get others; default 1, the only one.
    package var version = 1
    /// What answers: 1 to 16.
    package var lines = [LineSettings()]
    /// Where clients come in, besides the dongles; default Modbus TCP at 127.0.0.1:5020.
    package var listeners = [ListenerSettings(kind: .tcp(HostPort(host: "127.0.0.1", port: 5020)))]
    package var clients = ClientsSettings()
    package var log = LogSettings()
    /// Where every exchange is captured to; nil: nowhere.
    package var capture: CaptureSettings?
    /// Where it can be asked and told (`--control`).
    package var control = ControlPlace.automatic
    /// How long it runs (`--duration`); 1 ms to 30 days, default nil: until it is stopped.
    package var duration: Duration?

    /// The defaults, without a line.
    package init() {}

    /// The first line, which flags and variables speak about.
    package var line: LineSettings { lines[0] }

    /// The addresses at which Modbus TCP is served.
    package var tcp: [HostPort] {
        listeners.compactMap { if case .tcp(let address) = $0.kind { address } else { nil } }
    }

    /// The address of the sniff feed.
    package var sniff: HostPort? {
        listeners.lazy.compactMap { if case .sniff(let address) = $0.kind { address } else { nil } }.first
    }

    /// The names of pseudo-terminals.
    package var pty: [String] {
        listeners.compactMap(\.kind.path)
    }
}

extension GatewaySettings {
    static let fields: [SettingField<GatewaySettings>] = [
        .value("version", \.version, .version, "The version of the keys in this file; default 1"),
        .sections(
            "lines", \.lines, LineSettings.fields, new: LineSettings(),
            "The lines of inverters, or what stands in for them; 1 to 16"),
        .sections(
            "listeners", \.listeners, ListenerSettings.fields, new: ListenerSettings(kind: .none),
            "Where the broker takes clients; default Modbus TCP at 127.0.0.1:5020", check: ListenerSettings.check),
        .section("clients", \.clients, ClientsSettings.fields, "Rules for the clients of all listeners"),
        .section("log", \.log, LogSettings.fields, "The wire log, and messages for the operator"),
        .optionalSection(
            "capture", \.capture, CaptureSettings.fields, new: CaptureSettings(),
            "Records every exchange in a file, for replay, compact and analyze"),
        .value(
            "control", \.control, .controlPlace, "The socket of status, reload and passthrough: a path, auto or none"),
        .optional(
            "duration", \.duration, .duration(.milliseconds(1)...Duration.seconds(30 * 24 * 3600), "1 ms to 720 h"),
            "Time after which the broker stops by itself"),
    ]

    /// The JSON Schema of a configuration file, for editors.
    package static var schema: String {
        JSONSchema.mapping(fields.properties()).document(title: "Configuration of growatt-broker")
    }
}

extension ValueKind<Int> {
    /// Of a configuration file.
    static let version = Self(
        allowed: "1", schema: .integer(1...1),
        read: { $0 == "1" ? 1 : nil }, text: { "\($0)" })
}

/// Where the control socket is.
package enum ControlPlace: Hashable, Sendable {
    /// In the run-time directory of the user or of the system.
    case automatic
    case none
    case path(String)

    /// In bytes: no address of a socket takes more.
    package static let longestPath = 107

    /// Reads the text of `--control`.
    ///
    /// - Throws: ``YAMLError``.
    package init(flag text: String) throws(YAMLError) {
        self = try YAMLReader(flag: SettingKey.control.flag, text).value(ValueKind<ControlPlace>.controlPlace)
    }
}

extension ValueKind<ControlPlace> {
    static let controlPlace = Self(
        allowed: "a path of at most \(ControlPlace.longestPath) bytes, auto or none", schema: .text(),
        read: { text in
            if text == "auto" { return .automatic }
            if text == "-" || text.isNone { return ControlPlace.none }
            let isPath = (1...ControlPlace.longestPath).contains(text.utf8.count) && !text.hasSuffix("/")
            return isPath ? .path(text) : nil
        },
        text: { place in
            switch place {
            case .automatic: "auto"
            case .none: "none"
            case .path(let path): path
            }
        },
        fault: { text in
            if text.isEmpty { return "is empty" }
            return text.hasSuffix("/") ? "ends in /, as only a folder does" : "has \(text.utf8.count) bytes"
        })
}
