internal import Broker
internal import NIOCore
internal import Settings
internal import Transport

/// A line, and the one who may transmit on it.
final class LineSource: GatewaySource {
    private let bus: Bus
    private let link: FramedLink
    private let loop: any EventLoop
    private let opening: Opening
    private let log: PortLog
    private let entrance: ServerEntrance

    /// Who waits for the port.
    private final class Opening {
        var isReady: (() -> Void)?
    }

    /// - Parameters:
    ///   - name: as messages call it.
    ///   - entrance: for a server that dials in.
    /// - Throws: ``GatewayError`` for an endpoint that no line has.
    init(
        _ port: Port, _ settings: BusSettings, name: String, _ entrance: ServerEntrance,
        _ environment: GatewayEnvironment, observe: @escaping (BrokerEvent) -> Void
    ) throws {
        loop = environment.loop
        self.entrance = entrance
        let opening = Opening()
        let log = PortLog(of: name, port, loop: loop, logger: environment.logger)
        (self.opening, self.log) = (opening, log)
        let isDialling = port.listeningAddress != nil
        let speech = ServerSpeech(
            of: name, port, isDialling ? .diallingUnits : .units(hasTransactions: port.hasTransactions),
            environment.notices)
        let carrier = try environment.ports.carrier(
            of: port, loop: loop, registry: environment.registry, entrance: entrance)
        link = port.link(over: carrier, settings, observe: observe) { event in
            log.note(event)
            speech.note(event)
            guard case .opened = event else { return }
            opening.isReady?()
            opening.isReady = nil
        }
        // Without silences to keep, nobody waits for the exact instant.
        let lead = settings.timing.interFrameSilence == .zero ? .zero : environment.ports.lead
        bus = Bus(settings: settings, timeline: EventLoopTimeline(loop, lead: lead), link: link, observe: observe)
        link.bus = bus
        bus.lineOpening()
    }

    var backend: any Backend { bus }

    var blocks: [PollBlock] { [] }

    var lendable: Bus? { bus }

    var status: BusStatus? { bus.status }

    var listening: (any DialledPort)? { link.listening }

    func take(_ rules: AddressRules) { entrance.rules = rules }

    func renewNames() {}

    func apply(_ settings: BusSettings) { bus.apply(settings) }

    func open(_ isReady: @escaping () -> Void) {
        opening.isReady = isReady
        link.open()
    }

    func stop(_ done: @escaping () -> Void) { bus.stop(done) }

    func close(_ done: @escaping () -> Void) {
        log.stop()
        link.stop().assumeIsolated().whenComplete { _ in done() }
    }
}
