import Broker
import Modbus
import NIOCore
import NIOPosix

@testable import Transport

/// A bus on a line that dials in, and the servers that do. On the loop only.
final class DialledBench {
    static let loop = MultiThreadedEventLoopGroup.singleton.next()
    static let read = PDU(read: .readHoldingRegisters, address: 3, quantity: 1)

    let watch = Watch(DialledBench.loop)
    private(set) var carrier: ListeningCarrier?
    private var link: FramedLink?
    private var bus: Bus?
    let entrance: ServerEntrance
    private(set) var events: [String] = []
    private(set) var discarded: [BrokerEvent.DiscardReason] = []
    private(set) var refused = 0
    private(set) var port = 0
    private var servers: [NetworkPeer] = []
    private var number: UInt64 = 0

    init(port: Int, rules: AddressRules, sockets: HandedSockets) {
        // Both are told before anything can happen.
        let told = Told()
        let admission = ClientAdmission(.init()) { _ in told.bench?.noteRefused() }
        entrance = ServerEntrance(rules: rules, admission: admission, sockets: sockets) {
            told.bench?.noteListening($0)
        }
        told.bench = self
        var settings = BusSettings(
            timing: .modbusTCP, minPeriod: .zero, responseTimeout: .milliseconds(900), retries: 1)
        settings.hasTransactions = true
        let carrier = ListeningCarrier(host: "127.0.0.1", port: port, entrance, loop: Self.loop)
        let observe: (BrokerEvent) -> Void = { [weak self] in
            guard case .discarded(_, _, let reason) = $0 else { return }
            self?.discarded.append(reason)
            self?.watch.check()
        }
        let link = FramedLink(carrier, .mbap, observe: observe) { [weak self] in self?.note($0) }
        let bus = Bus(settings: settings, timeline: StandingTimeline(), link: link, observe: observe)
        link.bus = bus
        (self.carrier, self.link, self.bus) = (carrier, link, bus)
        bus.lineOpening()
        link.open()
    }

    private final class Told { weak var bench: DialledBench? }

    private func noteRefused() {
        refused += 1
        watch.check()
    }

    private func noteListening(_ place: String) {
        port = Int(place.split(separator: ":").last ?? "") ?? 0
        note("listening")
    }

    private func note(_ event: CarrierEvent) {
        if let text = event.text { note(text) }
    }

    private func note(_ event: String) {
        events.append(event)
        watch.check()
    }

    func newServer() -> NetworkPeer {
        let server = NetworkPeer(Self.loop)
        servers.append(server)
        return server
    }

    func whenEvents(_ count: Int) -> EventLoopFuture<Void> {
        watch.when { [weak self] in self.map { $0.events.count >= count } ?? true }
    }

    func whenDiscarded(_ count: Int) -> EventLoopFuture<Void> {
        watch.when { [weak self] in self.map { $0.discarded.count >= count } ?? true }
    }

    func whenRefused() -> EventLoopFuture<Void> {
        watch.when { [weak self] in self.map { $0.refused > 0 } ?? true }
    }

    func ask(_ pdu: PDU = DialledBench.read) -> EventLoopFuture<Exchange> {
        number += 1
        let promise = Self.loop.makePromise(of: Exchange.self)
        let client = Client(kind: .tcp, name: "TCP:test", address: "test")
        let query = Query(
            number: number, client: client, unit: 1, pdu: pdu, isRead: pdu.function.isRead, arrived: .start,
            deadline: nil)
        bus?.submit(query) { promise.succeed($0) }
        return promise.futureResult
    }

    func stop() -> EventLoopFuture<Void> {
        for server in servers { server.close() }
        return link?.stop() ?? Self.loop.makeSucceededVoidFuture()
    }
}

/// Time that stands still for the bus: on a busy machine seconds pass between two steps of a test, and a query waits only
/// three of them for a port that was never open.
private final class StandingTimeline: Timeline {
    private final class Alarm: WakeTimer {
        func set(_ instant: Instant?) {}
    }

    let now = Instant.start

    func makeTimer(_ action: @escaping () -> Void) -> any WakeTimer { Alarm() }
}
