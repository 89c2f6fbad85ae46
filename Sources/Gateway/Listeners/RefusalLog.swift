internal import Logging
internal import NIOCore

/// Tells the operator what was refused: the first of a kind at once, further ones once a minute, with their number.
///
/// Who comes again and again must not fill the disk. On the event loop only.
final class RefusalLog {
    private struct Kind {
        var count = 0
        var last = ""
    }

    /// Further kinds are told together.
    private static let mostKinds = 64

    private let logger: Logger
    /// What has been told within the last minute, in the order in which it came first.
    private var kinds: [(what: String, Kind)] = []
    private let timer: MinuteTimer

    init(loop: any EventLoop, logger: Logger) {
        self.logger = logger
        timer = MinuteTimer(loop)
        timer.whenOver = { [weak self] in self?.minuteIsOver() }
    }

    /// - Parameters:
    ///   - what: was refused and why, such as `tcp 0.0.0.0:5020: a write, for it is read-only`; bounded in number.
    ///   - who: was refused, such as `192.168.1.10`.
    func note(_ what: String, by who: String) {
        let isKnown = kinds.contains { $0.what == what }
        let what = isKnown || kinds.count < Self.mostKinds ? what : "something else"
        if let index = kinds.firstIndex(where: { $0.what == what }) {
            kinds[index].1.count += 1
            kinds[index].1.last = who
        } else {
            logger.warning("refused: \(what) (\(who))")
            kinds.append((what, Kind()))
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
            logger.warning("refused: \(what), \(kind.count) more within a minute (last \(kind.last))")
        }
    }
}
