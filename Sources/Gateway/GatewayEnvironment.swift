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
    let visits: ClientLog
    let registry = PortRegistry()
    let switchboard: Switchboard
    /// Handed over at the start of the process.
    let sockets: HandedSockets
    let ports: any GatewayPorts

    init(
        _ configuration: GatewayConfiguration, loop: any EventLoop, logger: Logger, sockets: HandedSockets,
        ports: any GatewayPorts, observe: @escaping (BrokerEvent) -> Void
    ) {
        let timeline = EventLoopTimeline(loop)
        self.loop = loop
        self.timeline = timeline
        self.logger = logger
        refusals = RepeatLog("refused: ", loop: loop, logger: logger)
        notices = RepeatLog(loop: loop, logger: logger)
        visits = ClientLog(loop: loop, logger: logger)
        switchboard = Switchboard(timeline: timeline)
        observers = GatewayObservers(
            configuration, switchboard.reports, logger: logger, refusals: refusals, notices: notices,
            visits: visits, other: observe)
        self.sockets = sockets
        self.ports = ports
    }
}
