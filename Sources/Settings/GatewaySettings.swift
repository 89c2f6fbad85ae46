/// Everything that can be set about a gateway. The defaults are here, and only here.
package struct GatewaySettings: Hashable, Sendable {
    /// What answers (`--mode`); default the inverter's line.
    package var source = SourceSettings.line
    /// The inverter's line (`--inverter`); nil only where units are simulated.
    package var inverter: Endpoint?
    /// The dongle's line (`--shine`); nil: there is no dongle.
    package var shine: Endpoint?
    /// Whether `--shine` named the inverter's own device, which means no dongle; for the start-up summary.
    package var isShineAtInverter = false

    /// Where Modbus TCP is served (`--tcp`), each address once; empty: nowhere. Default 127.0.0.1:5020.
    package var tcp = [HostPort(host: "127.0.0.1", port: 5020)]
    /// One more address where Modbus TCP is served (`--tcp-alt`); default nil: none.
    package var tcpAlt: HostPort?
    /// Pseudo-terminals with this name, at which simulated units answer (`--pty`); default none.
    package var pty: [String] = []
    /// Where the traffic can be listened to (`--sniff`); default nil: nowhere.
    package var sniff: HostPort?

    /// From the last byte on the line to the next request (`--min-period`, R7); 0 s to 1 h, default 0.5 s.
    package var minPeriod: Duration = .milliseconds(500)
    /// Least silence between two frames on the inverter's line (`--silence`, R7); default automatic.
    package var silence = Silence.automatic
    /// From the end of a request to the first byte of its reply (`--rtimeout`, R9); 1 ms to 1 h, default 0.9 s.
    package var responseTimeout: Duration = .milliseconds(900)
    /// After this a TCP client repeats or gives up (`--client-timeout`, R8); more than ``answerMargin``, to 1 h,
    /// default 3.0 s.
    package var clientTimeout: Duration = .seconds(3)
    /// Nothing is forwarded to the dongle later than this after its request (`--shine-timeout`, R5); 1 ms to 1 h,
    /// default 2.0 s.
    package var shineTimeout: Duration = .seconds(2)
    /// How often a read without reply is repeated (`--retries`, R9); 0 to 10, default 1.
    package var retries = 1

    /// The most TCP clients at a time (`--max-clients`); 1 to 65535, default 1024.
    package var maxClients = 1024
    /// Whether the adapter is known to hear itself (`--local-echo`, R16); default false: found out.
    package var localEcho = false
    /// Whether TCP clients may write to unit 0, which is all units (`--allow-broadcast`, R10); default false.
    package var allowBroadcast = false

    /// What the gateway reads by itself, once a second (`--poll`); default nil: nothing.
    package var poll: PollSettings?
    /// What disturbs the replies (`--faults`): rules, or a file of them; default nil: nothing.
    package var faults: String?
    /// How long it runs (`--duration`); 1 ms to 30 days, default nil: until it is stopped.
    package var duration: Duration?

    /// The file that every exchange is captured to (`--capture`); default nil: none. Its size has the limit of the log's.
    package var capture: String?
    /// Where the wire log goes (`--log`); default none.
    package var log = LogDestination.none
    /// The most bytes of a log file (`--log-max-size`); 0 (no limit) or 1 KB to 1 TB, default 100 MB.
    package var logMaxSize = 100_000_000
    /// Whether serial adapters are asked to deliver bytes at once; no flag, default true.
    package var lowLatency = true

    /// How much earlier than ``clientTimeout`` TCP clients are answered (R8): 0.3 s.
    package static let answerMargin: Duration = .milliseconds(300)

    /// The defaults, without lines.
    package init() {}
}
