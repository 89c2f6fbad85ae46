internal import Text

/// How far a scan is: a bar on a terminal, otherwise a line every ten percent.
struct ScanProgress {
    private let output: Output
    private let total: Int
    private let started = ContinuousClock.now
    private var shown: ContinuousClock.Instant?
    private var toldTenths = 0

    /// - Parameter total: how many addresses are open at the start.
    init(_ output: Output, total: Int) {
        self.output = output
        self.total = max(1, total)
    }

    /// - Parameter place: what is asked now.
    mutating func show(_ plan: ScanPlan, place: String) {
        let done = total - plan.openCount
        let percent = done * 100 / total
        guard output.isWatched else {
            guard percent / 10 > toldTenths, done < total else { return }
            toldTenths = percent / 10
            return output.tell("\(percent) %: \(text(plan, done: done))")
        }
        let now = ContinuousClock.now
        if let shown, now - shown < .milliseconds(100) { return }
        shown = now
        let filled = done * 20 / total
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 20 - filled)
        let line = "[\(bar)] \(percent) %  \(place)  \(text(plan, done: done))"
        output.writeError("\r\(line.prefix(output.width - 1))\u{1B}[K")
    }

    /// Wipes the bar.
    mutating func end() {
        if shown != nil { output.writeError("\r\u{1B}[K") }
        shown = nil
    }

    private func text(_ plan: ScanPlan, done: Int) -> String {
        let left = done > 0 ? (ContinuousClock.now - started) / done * (total - done) : nil
        return "\(plan.foundCount.counted("register")), \(plan.requests.counted("request"))"
            + (left.map { ", \(Self.text(of: $0)) left" } ?? "")
    }

    /// `12 s`, `3 min 5 s`, `2 h 10 min`.
    static func text(of duration: Duration) -> String {
        let seconds = duration.components.seconds
        return switch seconds {
        case ..<60: "\(seconds) s"
        case ..<3600: "\(seconds / 60) min \(seconds % 60) s"
        default: "\(seconds / 3600) h \(seconds % 3600 / 60) min"
        }
    }
}
