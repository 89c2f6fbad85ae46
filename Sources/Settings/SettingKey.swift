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
    /// Only of the demo.
    case duration

    /// As on the command line, such as `--min-period`.
    package var flag: String { "--\(rawValue)" }
}
