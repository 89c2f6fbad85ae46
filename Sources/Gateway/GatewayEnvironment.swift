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
    let switchboard: Switchboard
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
        switchboard = Switchboard(timeline: timeline, observer: .init(observers, refusals))
        self.sockets = sockets
    }
}

extension Switchboard.Observer {
    fileprivate init(_ observers: GatewayObservers, _ refusals: RepeatLog) {
        self.init()
        note = { observers.note($0, of: $1) }
        readRefused = { refusals.note($1, of: $0, at: "line \($2.name)") }
        broadcastRefused = {
            refusals.note(
                "a write to unit \($0.clientUnit), which is unit 0 on its line, so all units", by: $0.client.address)
        }
        rateRefused = {
            refusals.note("a request, for its address asks more often than clients.rate", by: $0.client.address)
        }
    }
}
