/// The line is gone for so long.
struct UnpluggedFault: FaultKind {
    static let word = "unplugged"
    static let settings: [FaultSetting<UnpluggedFault>] = [.time("for", \.duration, isNeeded: true)]

    var duration: Duration = .zero

    var request: RequestEffect { .unplugged(duration) }
}
