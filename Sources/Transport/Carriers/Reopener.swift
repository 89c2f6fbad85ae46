internal import Broker
internal import NIOCore

/// A ``Reopening`` in the time of a loop. Made and used on it only.
final class Reopener {
    private var reopening: Reopening
    private let timeline: EventLoopTimeline
    private let isDue: (_ opening: Int) -> Void
    private var timer: (any WakeTimer)?

    /// - Parameter isDue: begins to open; called with the number of each opening.
    init(_ manner: Reopening.Manner, loop: any EventLoop, isDue: @escaping (_ opening: Int) -> Void) {
        reopening = Reopening(manner)
        timeline = EventLoopTimeline(loop)
        self.isDue = isDue
        timer = timeline.makeTimer { [weak self] in self?.open() }
    }

    /// See ``Reopening/lastReason``.
    var lastReason: String? { reopening.lastReason }

    /// See ``Reopening/isStopped``.
    var isStopped: Bool { reopening.isStopped }

    /// See ``Reopening/isAwaiting(_:)``.
    func isAwaiting(_ opening: Int) -> Bool { reopening.isAwaiting(opening) }

    /// Begins to open, if that is due.
    func open() {
        if let opening = begin() { isDue(opening) }
    }

    /// See ``Reopening/begin(at:)``; what is due is begun by ``open()`` otherwise.
    func begin() -> Int? { tell { $0.begin(at: $1) } }

    /// See ``Reopening/opened(_:at:)``.
    func opened(_ opening: Int) -> Bool { tell { $0.opened(opening, at: $1) } }

    /// See ``Reopening/failed(_:_:at:)``.
    func failed(_ opening: Int, _ reason: String) -> String? { tell { $0.failed(opening, reason, at: $1) } }

    /// See ``Reopening/lost(_:at:)``.
    func lost(_ opening: Int) -> Bool { tell { $0.lost(opening, at: $1) } }

    /// See ``Reopening/noteUse()``.
    func noteUse() { reopening.noteUse() }

    /// See ``Reopening/trouble(_:at:)``.
    func trouble(_ reason: String) -> String? { tell { $0.trouble(reason, at: $1) } }

    /// See ``Reopening/stop()``.
    func stop() { tell { state, _ in state.stop() } }

    private func tell<Result>(_ input: (inout Reopening, Instant) -> Result) -> Result {
        defer { timer?.set(reopening.nextOpening) }
        return input(&reopening, timeline.now)
    }
}
