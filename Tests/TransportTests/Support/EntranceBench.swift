import Broker
import Modbus
import NIOCore
import NIOPosix

@testable import Transport

/// A listener whose clients are answered by the test. On the loop only.
final class EntranceBench {
    static let loop = MultiThreadedEventLoopGroup.singleton.next()

    private let loop: any EventLoop
    let backend = PatientBackend()
    let admission: ClientAdmission
    private(set) var entrance: ClientEntrance
    private(set) var listener: (any Listener)?
    private(set) var port = 0
    /// The first bytes of each client.
    private(set) var firsts: [[UInt8]] = []
    private(set) var peers: [NetworkPeer] = []
    private(set) var visits: [ClientEvent] = []
    let watch: Watch

    init(
        _ loop: any EventLoop = EntranceBench.loop, limits: ClientAdmission.Limits = .init(),
        rules: AddressRules = AddressRules(), settings: ClientSettings = .patient,
        sockets: HandedSockets = HandedSockets()
    ) {
        self.loop = loop
        let watch = Watch(loop)
        self.watch = watch
        admission = ClientAdmission(limits) { _ in watch.check() }
        var note: (ClientEvent) -> Void = { _ in }
        entrance = ClientEntrance(
            path: backend, settings: settings, rules: rules, admission: admission, sockets: sockets, loop: loop
        ) { event in
            if case .client(let event, _) = event { note(event) }
            watch.check()
        }
        backend.whenAsked = { watch.check() }
        note = { [weak self] in self?.note($0) }
        entrance.whenFirst = { [weak self] bytes, _ in
            self?.firsts.append(bytes)
            watch.check()
        }
    }

    func start(_ make: (ClientEntrance) -> any Listener) -> EventLoopFuture<Void> {
        listener = make(entrance)
        return startAgain()
    }

    func startAgain() -> EventLoopFuture<Void> {
        let bench = NIOLoopBound(self, eventLoop: loop)
        guard let listener else { return loop.makeSucceededVoidFuture() }
        return listener.start().map { bench.value.port = Int($0.split(separator: ":").last ?? "") ?? 0 }
    }

    func newPeer() -> NetworkPeer {
        let peer = NetworkPeer(loop)
        peers.append(peer)
        return peer
    }

    func whenAsked(_ count: Int) -> EventLoopFuture<Void> {
        let bench = NIOLoopBound(self, eventLoop: loop)
        return watch.when { bench.value.backend.waiting.count >= count }
    }

    /// Completed with who came and went, when that is so many events.
    func whenVisited(_ count: Int) -> EventLoopFuture<[ClientEvent]> {
        let bench = NIOLoopBound(self, eventLoop: loop)
        return watch.when { bench.value.visits.count >= count }.map { bench.value.visits }
    }

    private func note(_ event: ClientEvent) {
        visits.append(event)
        watch.check()
    }

    func stop() -> EventLoopFuture<Void> {
        for peer in peers { peer.close() }
        guard let listener else { return loop.makeSucceededVoidFuture() }
        return listener.stopAccepting().and(listener.closeConnections()).map { _ in }
    }
}

/// Runs what is done on the loop of a bench, one step after the other.
func on<Bench, Value: Sendable>(
    _ bench: NIOLoopBound<Bench>, _ step: @escaping @Sendable (Bench) throws -> EventLoopFuture<Value>
) async throws -> Value {
    let loop = bench.eventLoop
    return try await loop.flatSubmit {
        do { return try step(bench.value) } catch { return loop.makeFailedFuture(error) }
    }.get()
}

/// The same for what is done at once.
func now<Bench, Value: Sendable>(
    _ bench: NIOLoopBound<Bench>, _ step: @escaping @Sendable (Bench) throws -> Value
) async throws -> Value {
    try await bench.eventLoop.submit { try step(bench.value) }.get()
}

/// A request to read one register, in both framings, and the answer of a ``PatientBackend``.
enum Sample {
    static func rtu(_ address: UInt16) -> [UInt8] {
        RTUFrame(unit: 1, pdu: PDU(read: .readHoldingRegisters, address: address, quantity: 1)).bytes
    }

    static func rtuReply(_ address: UInt16) -> [UInt8] {
        RTUFrame(unit: 1, pdu: PDU(registers: [address], replyTo: .readHoldingRegisters)).bytes
    }

    static func tcp(_ address: UInt16) -> [UInt8] {
        let pdu = PDU(read: .readHoldingRegisters, address: address, quantity: 1)
        return TCPFrame(transaction: address, unit: 1, pdu: pdu).bytes
    }

    static func tcpReply(_ address: UInt16) -> [UInt8] {
        TCPFrame(
            transaction: address, unit: 1, pdu: PDU(registers: [address], replyTo: .readHoldingRegisters)
        ).bytes
    }
}
