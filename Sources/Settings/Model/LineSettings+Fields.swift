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
        [.value("name", \.name, .name, "The name of the line in messages and status; default inverter")]
        + PortSettings.fields(
            .line,
            "A device path, serial:///dev/ttyUSB0?baud=9600&format=8N1, tcp://HOST[:PORT], rtuovertcp://HOST:PORT, "
                + "udp://HOST[:PORT], rtuoverudp://HOST:PORT, or listen+tcp://HOST:PORT where a Modbus TCP gateway connects to"
        )
        .at(\.port) + [
            .list(
                "allow", \.allow, .network,
                "Addresses that may connect to listen+tcp://, such as 192.168.1.20; default all"
            ).written { !$0.allow.isEmpty },
            .list("deny", \.deny, .network, "Addresses that may not connect there; goes before allow").written {
                !$0.deny.isEmpty
            },
            .units(
                "units", \.units,
                "The units of this line: a list, or the numbers that clients use with the units' own, {11: 1}; default: "
                    + "all units that no other line has"),
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
        .value("rtimeout", \.responseTimeout, .timeout, "Time that the inverter may take to answer; default 0.9"),
        .value("retries", \.retries, .number(0...10), "How often a read without answer is repeated; default 1"),
        .optional(
            "read-limit", \.readLimit, .number(1...125),
            "The most registers that are read at once; larger reads go in parts; default: as clients ask"),
        .byUnit(
            "read-limits", \.readLimits, .number(1...125),
            "read-limit of single units, by their own numbers, {2: 25}"),
        .reads(
            \.reads,
            "Registers that clients may read: off-grid, or allow and refuse; others get exception 0x02. Default all"),
        .value(
            "local-echo", \.localEcho, .truth,
            "Whether the adapter hears what it sends; default false: the broker finds out"),
        .list(
            "silence-codes", \.silenceCodes, .number(1...255),
            "Exception codes by which a gateway (tcp://, udp://) says that a unit is silent, besides 10 and 11; 224 is 0xE0"
        ).written { !$0.silenceCodes.isEmpty },
        .value(
            "ignore-transaction-ids", \.ignoresTransactionIDs, .truth,
            "Whether the server (tcp://) does not copy transaction identifiers: the broker then tells replies apart as on RTU; default false"
        ).written { $0.ignoresTransactionIDs },
    ]

    private static let company: [SettingField<LineSettings>] = [
        .optional(
            "poll", \.poll, .poll, "Registers that the broker reads by itself once a second, such as input:3000-3124"),
        .optional(
            "faults", \.faults, .text("rules, or a file of them"),
            "Faults that the broker adds to the replies: rules, or a file of rules"),
        .optionalSection(
            "dongle", \.dongle, DongleSettings.fields, new: DongleSettings(), "The vendor's dongle, on its own port",
            check: DongleSettings.check),
    ]
}
