/// The unit hears nothing for so long.
struct AsleepFault: FaultKind {
    static let word = "asleep"
    static let settings: [FaultSetting<AsleepFault>] = [.time("for", \.duration, isNeeded: true)]

    var duration: Duration = .zero

    static func drawn(within limits: FaultLimits, _ random: inout RandomSource) -> Self? {
        Self(duration: random.duration(.milliseconds(100) ... .seconds(30)))
    }

    var request: RequestEffect { .unheard(duration) }
}
