package import Endpoints
internal import Text

/// A line and what is connected to it, or simulated units in place of it.
package struct LineSettings: Hashable, Sendable {
    /// As messages and `status` call it.
    package var name = "inverter"
    /// The inverter's port (`--inverter`); none only where units are simulated.
    package var port = PortSettings()
    package var dataset: DatasetSettings?
    package var recording: RecordingSettings?

    /// From the last byte on the line to the next request (`--min-period`, R7); 0 s to 1 h, default 0.5 s.
    package var minPeriod: Duration = .milliseconds(500)
    /// Least silence between two frames (`--silence`, R7); default automatic.
    package var silence = Silence.automatic
    /// From the end of a request to the first byte of its reply (`--rtimeout`, R9); 1 ms to 1 h, default 0.9 s.
    package var responseTimeout: Duration = .milliseconds(900)
    /// How often a read without reply is repeated (`--retries`, R9); 0 to 10, default 1.
    package var retries = 1
    /// The most registers that are asked for at once; 1 to 125, default nil: as many as clients ask.
    package var readLimit: Int?
    /// The registers that clients of all listeners may read; the dongle has rules of its own. Default nil: all.
    package var reads: ReadsSettings?
    /// The same for single units, by their own numbers, in place of ``readLimit``; default none.
    package var readLimits: [UInt8: Int] = [:]
    /// Whether the adapter is known to hear itself (`--local-echo`, R16); default false: found out.
    package var localEcho = false
    /// Exception codes by which a gateway says that a unit is silent, beside 0x0A and 0x0B; 1–255.
    package var silenceCodes: [Int] = []
    /// Which addresses may dial in at `listen+tcp://`, besides the rules of `clients`; default empty: all.
    package var allow: [NetworkBlock] = []
    /// Which may not; beats ``allow``.
    package var deny: [NetworkBlock] = []
    /// Whether the server at `tcp://` does not copy transaction identifiers: the bus then matches replies as on RTU. Default
    /// false.
    package var ignoresTransactionIDs = false
    /// What the broker reads by itself, once a second (`--poll`); default nil: nothing.
    package var poll: PollSettings?
    /// What disturbs the replies (`--faults`): rules, or a file of them; default nil: nothing.
    package var faults: String?
    /// The dongle's port (`--shine`); nil: there is none.
    package var dongle: DongleSettings?
    /// Whether the dongle was set to the inverter's own device, which means none; for the start-up summary.
    package var isDongleAtInverter = false
    /// The units that clients of all lines reach here; default nil: every unit that no other line names, by its own number.
    package var units: [UnitNumber]?
    /// Whether serial adapters are asked to deliver bytes at once.
    package var lowLatency = true

    package init() {}

    var mode: SourceMode {
        switch source {
        case .line: .live
        case .dataset: .dataset
        case .recording: .replay
        }
    }

    /// What answers.
    package var source: SourceSettings {
        if let dataset { return .dataset(dataset) }
        if let recording { return .recording(recording) }
        return .line
    }
}

extension ValueKind<Duration> {
    static let timeout = duration(.milliseconds(1)...Duration.seconds(3600), "1 ms to 1 h")
}

extension ValueKind<String> {
    /// A word that can stand in messages and metrics.
    static let name = Self(
        allowed: "1 to 32 letters, digits, -, _ or ., of which the first is a letter or a digit",
        schema: .text(pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$"),
        read: { text in
            let isName = text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) || "._-".utf8.contains(byte)
            }
            return isName && (1...32).contains(text.utf8.count) && !"._-".contains(text.prefix(1)) ? text : nil
        }, text: { $0 })
}

extension ValueKind<Silence> {
    static let silence = Self(
        allowed: "auto, or 0 to 1 h, in seconds (0.5) or with a unit (500ms, 2s, 1m)",
        schema: .anyOf([.words(["auto"]), .duration]),
        read: { text in
            if text.lowercased() == "auto" { return .automatic }
            return Duration(text: text).flatMap { (.zero...Duration.seconds(3600)).contains($0) ? .fixed($0) : nil }
        }, text: { $0.description })
}

extension ValueKind<PollSettings> {
    static let poll = Self(
        allowed: PollBlock.allowed, schema: .text(), read: { PollSettings($0) }, text: { $0.description })
}
