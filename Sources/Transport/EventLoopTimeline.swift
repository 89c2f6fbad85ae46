package import Broker
package import NIOCore

/// The time of an event loop. Made and used on its thread only.
package final class EventLoopTimeline: Timeline {
    private let loop: any EventLoop
    private let lead: Duration

    /// - Parameter lead: alarms wake the loop so much earlier, which then waits for the exact instant without sleeping: the
    ///   system wakes it a tenth of a millisecond late or more.
    package init(_ loop: any EventLoop, lead: Duration = .zero) {
        self.loop = loop
        self.lead = lead
    }

    package var now: Instant { Instant(loop.now) }

    package func makeTimer(_ fire: @escaping () -> Void) -> any WakeTimer {
        EventLoopTimer(loop, lead, fire)
    }
}

/// An alarm that is seldom taken back.
///
/// Nearly every exchange sets a deadline that does not come: instead of cancelling the loop's task each time, an alarm
/// that has become too early is let ring, and set again.
private final class EventLoopTimer: WakeTimer {
    private let loop: any EventLoop
    private let lead: Duration
    private let fire: () -> Void
    private var wanted: Instant?
    private var scheduled: (task: Scheduled<Void>, instant: Instant)?

    init(_ loop: any EventLoop, _ lead: Duration, _ fire: @escaping () -> Void) {
        self.loop = loop
        self.lead = lead
        self.fire = fire
    }

    func set(_ instant: Instant?) {
        wanted = instant
        guard let instant else { return }
        if let scheduled {
            if scheduled.instant <= instant { return }
            scheduled.task.cancel()
        }
        schedule(at: instant)
    }

    private func schedule(at instant: Instant) {
        let task = loop.assumeIsolated().scheduleTask(deadline: NIODeadline(instant - lead)) { [weak self] in
            guard let self else { return }
            ring()
        }
        scheduled = (task, instant)
    }

    private func ring() {
        scheduled = nil
        guard let wanted else { return }
        if Instant(loop.now) < wanted - lead {
            schedule(at: wanted)
        } else {
            while Instant(loop.now) < wanted {}
            self.wanted = nil
            fire()
        }
    }
}

extension Instant {
    fileprivate init(_ deadline: NIODeadline) {
        self.init(nanoseconds: Int64(deadline.uptimeNanoseconds))
    }
}

extension NIODeadline {
    fileprivate init(_ instant: Instant) {
        self = .uptimeNanoseconds(UInt64(max(0, instant.nanoseconds)))
    }
}
