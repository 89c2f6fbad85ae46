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
    let refusals: RepeatLog
    /// Messages that may repeat, other than refusals.
    let notices: RepeatLog
    let registry = PortRegistry()
    let places: OccupiedPlaces
    /// Handed over at the start of the process.
    let sockets: HandedSockets

    init(
        loop: any EventLoop, timeline: EventLoopTimeline, logger: Logger, observers: GatewayObservers,
        sockets: HandedSockets
    ) {
        self.loop = loop
        self.timeline = timeline
        self.logger = logger
        self.observers = observers
        refusals = RepeatLog("refused: ", loop: loop, logger: logger)
        notices = RepeatLog(loop: loop, logger: logger)
        places = OccupiedPlaces(loop)
        self.sockets = sockets
    }
}
