/// What can be set. The raw value is the name of the flag without its dashes.
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
    case faults
    case capture
    case pty
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
    case asClient = "as-client"

    /// As on the command line, such as `--min-period`.
    package var flag: String { "--\(rawValue)" }
}
