internal import NIOCore

/// Rings a minute after it was started, once: for what would fill the disk if each were told. On the event loop only.
final class MinuteTimer {
    private let loop: any EventLoop
    private var timer: Scheduled<Void>?
    /// May start it again.
    var whenOver: () -> Void = {}

    init(_ loop: any EventLoop) { self.loop = loop }

    /// Does nothing while it runs.
    func start() {
        guard timer == nil else { return }
        timer = loop.assumeIsolated().scheduleTask(in: .seconds(60)) { [weak self] in
            self?.timer = nil
            self?.whenOver()
        }
    }

    func stop() {
        timer?.cancel()
        timer = nil
    }
}
