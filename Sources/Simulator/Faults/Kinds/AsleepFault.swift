/// The unit hears nothing for so long.
struct AsleepFault: FaultKind {
    static let word = "asleep"
    static let settings: [FaultSetting<AsleepFault>] = [.time("for", \.duration, isNeeded: true)]

    var duration: Duration = .zero

    var request: RequestEffect { .unheard(duration) }
}
