internal import Broker
internal import Logging
internal import NIOCore
internal import Transport

/// What all parts of a gateway share.
struct GatewayEnvironment {
    let loop: any EventLoop
    let timeline: EventLoopTimeline
    let logger: Logger
    let observers: GatewayObservers
    let registry = PortRegistry()
    let places: OccupiedPlaces
    /// What may be said again and again without being refused.
    let notices: RepeatLog

    init(loop: any EventLoop, timeline: EventLoopTimeline, logger: Logger, observers: GatewayObservers) {
        self.loop = loop
        self.timeline = timeline
        self.logger = logger
        self.observers = observers
        places = OccupiedPlaces(loop)
        notices = RepeatLog(loop: loop, logger: logger)
    }
}
