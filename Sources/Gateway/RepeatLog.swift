internal import Logging
internal import NIOCore

/// Warns of what may come again and again: the first of a kind at once, further ones once a minute, with their number.
///
/// On the event loop only.
final class RepeatLog {
    private let lead: String
    private let logger: Logger
    private let limit: RepetitionLimit

    /// - Parameter lead: begins each message, such as `refused: `.
    init(_ lead: String = "", loop: any EventLoop, logger: Logger) {
        self.lead = lead
        self.logger = logger
        limit = RepetitionLimit(1, loop: loop)
        limit.tellRest = { what, count, who in
            logger.warning("\(lead)\(what), \(count) more within a minute\(who.isEmpty ? "" : " (last \(who))")")
        }
    }

    /// - Parameters:
    ///   - what: happened, such as `tcp 0.0.0.0:5020: a write, for it is read-only`; bounded in number.
    ///   - who: it happened to, such as `192.168.1.10`; all of them are counted together.
    func note(_ what: String, by who: String? = nil) {
        guard let what = limit.note(what, who ?? "") else { return }
        logger.warning("\(lead)\(what)\(who.map { " (\($0))" } ?? "")")
    }

    func stop() { limit.stop() }
}
