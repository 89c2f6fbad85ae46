internal import Broker
internal import Logging
internal import NIOCore
internal import Text
internal import Transport

/// Reports clients that connect and leave to the operator: a few of an address at once, the number of further ones once a
/// minute.
///
/// A client that connects anew for each request must not fill the disk. On the event loop only.
final class ClientLog {
    /// The most lines about one address in a minute that follows a quiet one.
    static let mostAtOnce = 6

    private let logger: Logger
    private let limit: RepetitionLimit

    init(loop: any EventLoop, logger: Logger) {
        self.logger = logger
        limit = RepetitionLimit(Self.mostAtOnce, otherKinds: "other addresses", loop: loop)
        limit.tellRest = { address, count, last in
            let times = count == 1 ? "once more" : "\(FigureText.count(count)) more times"
            logger.info("clients of \(address) came or left \(times) within a minute (last: \(last))")
        }
    }

    /// - Parameter listener: of the client, such as `0.0.0.0:5020`.
    func note(_ event: ClientEvent, at listener: String) {
        let (client, text) = (event.client, event.text(at: listener))
        if limit.note(client.address, text) != nil { logger.info("\(text)") }
    }

    func stop() { limit.stop() }
}

extension ClientEvent {
    fileprivate func text(at listener: String) -> String {
        switch self {
        case .came(let client): return "\(client.name) has come in at \(listener)"
        case .left(let client, let stay):
            let length = FigureText.duration(stay.length.nanoseconds / 1000)
            let reason = stay.reason.map { ": \($0)" } ?? ""
            return "\(client.name) has left \(listener) after \(length), with "
                + "\(FigureText.count(stay.requests, "request"))\(reason)"
        }
    }
}
