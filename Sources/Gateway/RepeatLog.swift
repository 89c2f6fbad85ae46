internal import Logging
internal import NIOCore

/// Warns of events that may repeat: the first of a kind at once, the number of further ones once a minute.
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
    ///   - what: the kind of event, such as `tcp 0.0.0.0:5020: a write, for it is read-only`; bounded in number.
    ///   - who: the client, such as `192.168.1.10`; all clients count together.
    func note(_ what: String, by who: String? = nil) {
        guard let what = limit.note(what, who ?? "") else { return }
        logger.warning("\(lead)\(what)\(who.map { " (\($0))" } ?? "")")
    }

    func stop() { limit.stop() }
}
