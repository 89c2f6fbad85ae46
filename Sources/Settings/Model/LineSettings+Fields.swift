internal import Endpoints

extension LineSettings {
    /// Whether a key means nothing in a mode, because it is about what another one has.
    static func hasNoMeaning(_ key: String, _ mode: SourceMode) -> Bool {
        let live = [
            "endpoint", "baud", "format", "rs485", "min-period", "silence", "retries", "read-limit", "local-echo",
            "silence-codes", "ignore-transaction-ids", "allow", "deny",
        ]
        return switch mode {
        case .live: key == "dataset" || key == "recording"
        case .dataset: live.contains(key) || key == "recording"
        case .replay: live.contains(key) || key == "dataset"
        }
    }

    private static let hour = Duration.seconds(3600)

    static let fields: [SettingField<LineSettings>] = (place + answers + timing + company).map { field in
        field.written { !hasNoMeaning(field.key, $0.mode) && !$0.port.hasNoMeaning(field.key) }
    }

    private static let place: [SettingField<LineSettings>] =
        [.value("name", \.name, .name, "As messages and status call it; default inverter")]
        + PortSettings.fields(
            .line,
            "A device path, serial:///dev/ttyUSB0?baud=9600&format=8N1, tcp://HOST[:PORT], rtuovertcp://HOST:PORT, "
                + "udp://HOST[:PORT], rtuoverudp://HOST:PORT, or listen+tcp://HOST:PORT where a Modbus TCP gateway connects to"
        )
        .at(\.port) + [
            .list(
                "allow", \.allow, .network, "Who may connect to listen+tcp://, such as 192.168.1.20; default all"
            ).written { !$0.allow.isEmpty },
            .list("deny", \.deny, .network, "Who may not connect there; beats allow").written { !$0.deny.isEmpty },
            .units(
                "units", \.units,
                "The units here: a list, or the numbers that clients know with their own, {11: 1}; default: all that no "
                    + "other line has"),
        ]

    private static let answers: [SettingField<LineSettings>] = [
        .optionalSection(
            "dataset", \.dataset, DatasetSettings.fields, new: DatasetSettings(name: ""),
            "Simulated units in place of a line", check: DatasetSettings.check),
        .optionalSection(
            "recording", \.recording, RecordingSettings.fields, new: RecordingSettings(file: ""),
            "A recording in place of a line", check: RecordingSettings.check),
    ]

    private static let timing: [SettingField<LineSettings>] = [
        .value(
            "min-period", \.minPeriod, .duration(.zero...hour, "0 to 1 h"),
            "Pause on the line before each request; default 0.5"),
        .value("silence", \.silence, .silence, "Least silence between frames; default auto: 3.5 characters"),
        .value("rtimeout", \.responseTimeout, .timeout, "How long the inverter may take to answer; default 0.9"),
        .value("retries", \.retries, .number(0...10), "How often a read without answer is repeated; default 1"),
        .optional(
            "read-limit", \.readLimit, .number(1...125),
            "The most registers that are read at once; larger reads go in parts; default: as clients ask"),
        .byUnit(
            "read-limits", \.readLimits, .number(1...125),
            "The same for single units by their own numbers, {2: 25}; the others have read-limit"),
        .reads(
            \.reads, "Which registers clients may read: off-grid, or allow and refuse; others get 0x02. Default all"),
        .value("local-echo", \.localEcho, .truth, "The adapter hears itself; default false: found out"),
        .list(
            "silence-codes", \.silenceCodes, .number(1...255),
            "Exceptions by which a gateway (tcp://, udp://) says that a unit is silent, beside 10 and 11; 224 is 0xE0"
        ).written { !$0.silenceCodes.isEmpty },
        .value(
            "ignore-transaction-ids", \.ignoresTransactionIDs, .truth,
            "The server (tcp://) does not copy transaction identifiers: replies are told apart as on RTU; default false"
        ).written { $0.ignoresTransactionIDs },
    ]

    private static let company: [SettingField<LineSettings>] = [
        .optional("poll", \.poll, .poll, "What is read once a second, such as input:3000-3124"),
        .optional(
            "faults", \.faults, .text("rules, or a file of them"), "What disturbs the replies: rules, or a file"),
        .optionalSection(
            "dongle", \.dongle, DongleSettings.fields, new: DongleSettings(), "The vendor's dongle, on its own port",
            check: DongleSettings.check),
    ]
}
