internal import Logging
internal import NIOCore

/// Tells the operator what may come again and again: the first of a kind at once, further ones once a minute, with their
/// number.
///
/// Who comes again and again must not fill the disk. On the event loop only.
final class RepeatLog {
    private struct Kind {
        var count = 0
        var last: String?
    }

    /// Further kinds are told together.
    static let mostKinds = 64

    private let lead: String
    private let logger: Logger
    /// What has been told within the last minute, in the order in which it came first.
    private var kinds: [(what: String, Kind)] = []
    private let timer: MinuteTimer

    /// - Parameter lead: begins each message, such as `refused: `.
    init(_ lead: String = "", loop: any EventLoop, logger: Logger) {
        self.lead = lead
        self.logger = logger
        timer = MinuteTimer(loop)
        timer.whenOver = { [weak self] in self?.minuteIsOver() }
    }

    /// - Parameters:
    ///   - what: happened, such as `tcp 0.0.0.0:5020: a write, for it is read-only`.
    ///   - who: it happened to, such as `192.168.1.10`; all of them are counted together.
    func note(_ what: String, by who: String? = nil) {
        let isKnown = kinds.contains { $0.what == what }
        let kind = isKnown || kinds.count < Self.mostKinds ? what : "something else"
        if let index = kinds.firstIndex(where: { $0.what == kind }) {
            kinds[index].1.count += 1
            kinds[index].1.last = who
        } else {
            logger.warning("\(lead)\(kind)\(who.map { " (\($0))" } ?? "")")
            kinds.append((kind, Kind()))
        }
        timer.start()
    }

    func stop() {
        timer.stop()
        tell()
    }

    private func minuteIsOver() {
        tell()
        // What still comes is told once a minute; what has come to an end may be told at once when it begins again.
        kinds = kinds.filter { $0.1.count > 0 }.map { ($0.what, Kind()) }
        if !kinds.isEmpty { timer.start() }
    }

    private func tell() {
        for (what, kind) in kinds where kind.count > 0 {
            let last = kind.last.map { " (last \($0))" } ?? ""
            logger.warning("\(lead)\(what), \(kind.count) more within a minute\(last)")
        }
    }
}
