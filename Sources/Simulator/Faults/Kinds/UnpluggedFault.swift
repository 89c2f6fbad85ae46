/// The line is gone for so long.
struct UnpluggedFault: FaultKind {
    static let word = "unplugged"
    static let settings: [FaultSetting<UnpluggedFault>] = [.time("for", \.duration, isNeeded: true)]

    var duration: Duration = .zero

    static func drawn(within limits: FaultLimits, _ random: inout RandomSource) -> Self? {
        Self(duration: random.duration(.milliseconds(1) ... .seconds(4)))
    }

    var request: RequestEffect { .unplugged(duration) }
}
