internal import Logging
internal import NIOCore
internal import Text
internal import Transport

/// Tells the operator what happens to one port: a few losses at once, and if there are more, once a minute how many.
///
/// A port that comes and goes all the time must not fill the disk. On the event loop only.
final class PortLog {
    /// The most losses, and vain attempts, that are told in a minute that follows a quiet one.
    static let mostAtOnce = 5

    private let name: String
    private let port: Port
    private let logger: Logger
    private var isOpen = false
    /// Whether the operator does not know that it is lost, and so need not hear that it is back.
    private var isLossUntold = false
    private let limit: RepetitionLimit

    /// - Parameter name: as messages call what is at the port.
    init(of name: String, _ port: Port, loop: any EventLoop, logger: Logger) {
        self.name = name
        self.port = port
        self.logger = logger
        limit = RepetitionLimit(Self.mostAtOnce, loop: loop)
        limit.tellRest = { [weak self] name, count, reason in
            let times = count.counted("more time")
            logger.warning("\(name): \(port.name) was gone \(times) within a minute (last: \(reason))")
            self?.lossIsTold()
        }
    }

    func note(_ event: CarrierEvent) {
        switch event {
        case .opened:
            isOpen = true
            guard !isLossUntold else { return }
        case .lost(let reason), .notOpened(let reason):
            isOpen = false
            isLossUntold = limit.note(name, reason) == nil
            guard !isLossUntold else { return }
        case .replaced(let reason):
            // Of more the number is told, as of losses.
            guard limit.note(name, reason) != nil else { return }
        case .said: return
        }
        event.tell(logger, of: name, port)
    }

    /// Tells what is still to be told.
    func stop() { limit.stop() }

    private func lossIsTold() {
        if !isOpen { isLossUntold = false }
    }
}
