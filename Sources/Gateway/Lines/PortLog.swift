internal import Logging
internal import NIOCore

/// Tells the operator what happens to one port: a few losses at once, and if there are more, once a minute how many.
///
/// A port that comes and goes all the time must not fill the disk. On the event loop only.
final class PortLog {
    /// The most losses, and vain attempts, that are told in a minute that follows a quiet one.
    static let mostAtOnce = 5

    private let name: String
    private let port: GatewayConfiguration.Port
    private let logger: Logger
    private var toTell = mostAtOnce
    /// How many were not told within this minute, and why the last one happened.
    private var untold = (count: 0, reason: "")
    private var isOpen = false
    /// Whether the operator does not know that it is lost, and so need not hear that it is back.
    private var isLossUntold = false
    private let timer: MinuteTimer

    /// - Parameter name: as messages call what is at the port.
    init(of name: String, _ port: GatewayConfiguration.Port, loop: any EventLoop, logger: Logger) {
        self.name = name
        self.port = port
        self.logger = logger
        timer = MinuteTimer(loop)
        timer.whenOver = { [weak self] in self?.minuteIsOver() }
    }

    func note(_ event: PortEvent) {
        switch event {
        case .opened:
            isOpen = true
            guard !isLossUntold else { return }
        case .lost(let reason), .notOpened(let reason):
            isOpen = false
            isLossUntold = toTell == 0
            timer.start()
            guard !isLossUntold else {
                untold = (untold.count + 1, reason)
                return
            }
            toTell -= 1
        case .said: return
        }
        event.tell(logger, of: name, port)
    }

    /// Tells what is still to be told.
    func stop() {
        timer.stop()
        tell()
    }

    private func minuteIsOver() {
        // What still goes on is told once a minute; what has come to an end may be told at once when it begins again.
        toTell = untold.count > 0 ? 0 : Self.mostAtOnce
        if untold.count > 0 { timer.start() }
        tell()
    }

    private func tell() {
        guard untold.count > 0 else { return }
        logger.warning(
            "\(name): \(port.name) was gone \(untold.count) more \(untold.count == 1 ? "time" : "times") within a minute (last: \(untold.reason))"
        )
        untold = (0, "")
        if !isOpen { isLossUntold = false }
    }
}
