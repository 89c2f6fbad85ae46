import Broker
import NIOCore
import NIOPosix

@testable import Transport

/// A dongle's port whose requests the test answers. On the loop only.
final class PortBench {
    static let loop = MultiThreadedEventLoopGroup.singleton.next()

    let backend = PatientBackend()
    let server = StreamServer(PortBench.loop)
    let watch = Watch(PortBench.loop)
    private(set) var port: DongleLink?
    private(set) var session: SerialClientSession?
    private(set) var events: [String] = []
    private(set) var said: [[UInt8]] = []
    private(set) var listeningPort = 0
    private(set) var peers: [NetworkPeer] = []
    private(set) var entrance: ServerEntrance?
    private let client = Client(kind: .dongle, name: "SHINE", address: "SHINE")

    init() {
        let watch = watch
        backend.whenAsked = { watch.check() }
    }

    func dial(_ port: Int) {
        open { _ in
            TCPCarrier(host: "127.0.0.1", port: port, pauseAfterUse: Reopening.firstPause, loop: Self.loop)
        }
    }

    func listen(_ port: Int = 0, rules: AddressRules = .init()) {
        let admission = ClientAdmission(.init()) { [watch] _ in watch.check() }
        let entrance = ServerEntrance(rules: rules, admission: admission) { [weak self] address in
            self?.listeningPort = Int(address.split(separator: ":").last ?? "") ?? 0
            self?.note("listening")
        }
        self.entrance = entrance
        open { ListeningDongleCarrier(host: "127.0.0.1", port: port, entrance, loop: Self.loop, isLent: $0) }
    }

    private func open(_ carrier: (_ isLent: @escaping () -> Bool) -> any Carrier) {
        var settings = ClientSettings.patient
        settings.serialTiming = .rtuOverTCP
        let port = DongleLink(report: { [weak self] in self?.note($0) }, over: carrier)
        let session = SerialClientSession(
            client: client, path: backend, settings: settings, timeline: EventLoopTimeline(Self.loop),
            observe: { _ in }, send: { [weak port] in port?.send($0) })
        (self.port, self.session) = (port, session)
        port.open(for: session)
    }

    private func note(_ event: CarrierEvent) {
        if let text = event.text { note(text) }
        if case .said(let bytes) = event {
            said.append(bytes)
            watch.check()
        }
    }

    private func note(_ event: String) {
        events.append(event)
        watch.check()
    }

    func newPeer() -> NetworkPeer {
        let peer = NetworkPeer(Self.loop)
        peers.append(peer)
        return peer
    }

    func whenEvents(_ count: Int) -> EventLoopFuture<Void> {
        watch.when { [weak self] in self.map { $0.events.count >= count } ?? true }
    }

    func whenSaid(_ count: Int) -> EventLoopFuture<Void> {
        watch.when { [weak self] in self.map { $0.said.count >= count } ?? true }
    }

    func whenAsked(_ count: Int) -> EventLoopFuture<Void> {
        watch.when { [backend] in backend.waiting.count >= count }
    }

    func stop() -> EventLoopFuture<Void> {
        server.stop()
        for peer in peers { peer.close() }
        let closed = Self.loop.makePromise(of: Void.self)
        port?.close { closed.succeed() } ?? closed.succeed()
        return closed.futureResult
    }
}

/// What the borrower of a port that is lent has got.
final class Borrowed { var bytes: [UInt8] = [] }
