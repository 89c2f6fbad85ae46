/// What flags and variables can set. The raw value is the name of the flag without its dashes.
package enum SettingKey: String, CaseIterable, Sendable {
    case inverter
    case shine
    case baud
    case bytes
    case inverterBaud = "inv-baud"
    case inverterBytes = "inv-bytes"
    case shineBaud = "shine-baud"
    case shineBytes = "shine-bytes"
    case tcp
    case tcpAlt = "tcp-alt"
    case sniff
    case rtuTCP = "rtu-tcp"
    case udp
    case rtuUDP = "rtu-udp"
    case tls
    case tlsCertificate = "tls-certificate"
    case tlsKey = "tls-key"
    case tlsClientCA = "tls-client-ca"
    case pty
    case readOnly = "read-only"
    case writers
    case allow
    case deny
    case maxClientsPerAddress = "max-clients-per-address"
    case maxRate = "max-rate"
    case minPeriod = "min-period"
    case silence
    case responseTimeout = "rtimeout"
    case clientTimeout = "client-timeout"
    case shineTimeout = "shine-timeout"
    case retries
    case maxClients = "max-clients"
    case localEcho = "local-echo"
    case allowBroadcast = "allow-broadcast"
    case log
    case logMaxSize = "log-max-size"
    case logLevel = "log-level"
    case logFormat = "log-format"
    case control
    case faults
    case capture
    case poll
    /// Of everything that need not run for ever.
    case duration
    // What is served instead of a line.
    case dataset
    case profile
    case mutate
    case strict
    case readLimit = "read-limit"
    case timeScale = "time-scale"
    case startTime = "start-time"
    case seed
    case replyTime = "reply-time"
    case recording
    case speed
    case order
    case unseen

    /// As on the command line, such as `--min-period`.
    package var flag: String { "--\(rawValue)" }

    /// As in the environment, such as `GROWATT_BROKER_MIN_PERIOD`.
    package var variable: String { "GROWATT_BROKER_" + rawValue.uppercased().replacing("-", with: "_") }
}

extension SettingKey {
    /// Where its value stands in a configuration file, in every mode that it has a meaning in; a number names the element of
    /// a list. Empty: it is put there in another way.
    var paths: [String] {
        switch self {
        case .inverter: ["lines.0.endpoint"]
        case .shine: ["lines.0.dongle.endpoint"]
        case .baud: ["lines.0.baud", "lines.0.dongle.baud", "lines.0.dataset.baud"]
        case .bytes: ["lines.0.format", "lines.0.dongle.format"]
        case .inverterBaud: ["lines.0.baud"]
        case .inverterBytes: ["lines.0.format"]
        case .shineBaud: ["lines.0.dongle.baud"]
        case .shineBytes: ["lines.0.dongle.format"]
        case .tcp, .tcpAlt, .sniff, .rtuTCP, .udp, .rtuUDP, .tls, .pty, .mutate: []
        case .tlsCertificate, .tlsKey, .tlsClientCA: []
        case .minPeriod, .silence, .responseTimeout, .retries, .localEcho, .faults, .poll: ["lines.0.\(rawValue)"]
        case .shineTimeout: ["lines.0.dongle.timeout"]
        case .clientTimeout: ["clients.timeout"]
        case .maxClients: ["clients.limit"]
        case .maxClientsPerAddress: ["clients.limit-per-address"]
        case .maxRate: ["clients.rate"]
        case .readOnly, .writers, .allow, .deny: ["clients.\(rawValue)"]
        case .allowBroadcast: ["clients.allow-broadcast"]
        case .log: ["log.file"]
        case .logMaxSize: ["log.max-size", "capture.max-size"]
        case .logLevel: ["log.level"]
        case .logFormat: ["log.format"]
        case .capture: ["capture.file"]
        case .control, .duration: [rawValue]
        case .dataset: ["lines.0.dataset.name"]
        case .profile: ["lines.0.dataset.profiles"]
        case .strict, .readLimit, .timeScale, .startTime, .seed, .replyTime: ["lines.0.dataset.\(rawValue)"]
        case .recording: ["lines.0.recording.file"]
        case .speed, .order, .unseen: ["lines.0.recording.\(rawValue)"]
        }
    }

    /// The modes that it has a meaning in.
    var modes: [SourceMode] {
        switch self {
        case .inverter, .inverterBaud, .inverterBytes, .minPeriod, .silence, .retries, .localEcho: [.live]
        case .dataset, .profile, .mutate, .strict, .readLimit, .timeScale, .startTime, .seed, .replyTime: [.dataset]
        case .recording, .speed, .order, .unseen: [.replay]
        default: SourceMode.allCases
        }
    }
}
