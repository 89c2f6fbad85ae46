internal import Logging
internal import NIOCore

/// Tells the operator what was refused: the first of a kind at once, further ones once a minute, with their number.
///
/// On the event loop only.
final class RefusalLog {
    private let logger: Logger
    private let limit: RepetitionLimit

    init(loop: any EventLoop, logger: Logger) {
        self.logger = logger
        limit = RepetitionLimit(1, loop: loop)
        limit.tellRest = { what, count, who in
            logger.warning("refused: \(what), \(count) more within a minute (last \(who))")
        }
    }

    /// - Parameters:
    ///   - what: was refused and why, such as `tcp 0.0.0.0:5020: a write, for it is read-only`; bounded in number.
    ///   - who: was refused, such as `192.168.1.10`.
    func note(_ what: String, by who: String) {
        guard let what = limit.note(what, who) else { return }
        logger.warning("refused: \(what) (\(who))")
    }

    func stop() { limit.stop() }
}
