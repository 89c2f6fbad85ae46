internal import Modbus

/// What a probe is doing, in one line that is written anew; only on a terminal.
struct ProbeProgress {
    private let output: Output
    private var isShown = false

    init(_ output: Output) { self.output = output }

    mutating func show(_ step: ProbePlan.Step, _ progress: Double) {
        guard output.isWatched else { return }
        let text: String
        switch step {
        case .listen(let setting): text = "listening\(Self.words(setting))"
        case .ask(let setting, let request):
            text = "\(Int(progress * 100)) %  unit \(request.unit)\(Self.words(setting))"
        case .finished: return
        }
        output.writeError("\r\(text.prefix(output.width - 1))\u{1B}[K")
        isShown = true
    }

    /// Wipes the line.
    mutating func end() {
        if isShown { output.writeError("\r\u{1B}[K") }
        isShown = false
    }

    private static func words(_ setting: LineSetting?) -> String { setting.map { " at \($0)" } ?? "" }
}
