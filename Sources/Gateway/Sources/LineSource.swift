internal import Broker
internal import Logging
internal import NIOCore
internal import Settings
internal import Transport

/// The inverter's line: the one who may transmit on it, and its port.
final class LineSource: GatewaySource {
    /// Enough for most wake-ups, and little beside the silence between two frames.
    private static let lead: Duration = .microseconds(150)

    private let bus: Bus
    private let link: SerialBusLink
    private let loop: any EventLoop
    private var isReady: (() -> Void)?

    /// - Parameter name: as messages call it.
    init(
        _ port: GatewayConfiguration.Port, _ settings: BusSettings, name: String, loop: any EventLoop,
        registry: PortRegistry, logger: Logger, observe: @escaping (BrokerEvent) -> Void
    ) {
        self.loop = loop
        link = SerialBusLink(path: port.path, settings: port.settings, loop: loop, registry: registry) {
            $0.tell(logger, of: name, port)
        }
        bus = Bus(settings: settings, timeline: EventLoopTimeline(loop, lead: Self.lead), link: link, observe: observe)
        link.bus = bus
        link.whenOpened = { [weak self] in self?.opened() }
    }

    var backend: any Backend { bus }

    var blocks: [PollBlock] { [] }

    var line: Bus? { bus }

    var status: BusStatus? { bus.status }

    func renewNames() {}

    func apply(_ settings: BusSettings) { bus.apply(settings) }

    func open(_ isReady: @escaping () -> Void) {
        self.isReady = isReady
        link.open()
    }

    private func opened() {
        isReady?()
        isReady = nil
    }

    func stop(_ done: @escaping () -> Void) { bus.stop(done) }

    func close() -> EventLoopFuture<Void> { link.stop() ?? loop.makeSucceededVoidFuture() }
}
