import Broker
import Modbus
import NIOCore
import NIOPosix
import Testing

@testable import Transport

/// A dongle's port whose requests the test answers. On the loop only.
private final class PortBench {
    static let loop = MultiThreadedEventLoopGroup.singleton.next()

    let backend = PatientBackend()
    let server = StreamServer(PortBench.loop)
    let watch = Watch(PortBench.loop)
    private(set) var port: (any ClientPort)?
    private(set) var events: [String] = []
    private(set) var listeningPort = 0
    private(set) var peers: [NetworkPeer] = []
    private(set) var entrance: ClientEntrance?
    private let client = Client(kind: .dongle, name: "SHINE", address: "SHINE")

    init() {
        let watch = watch
        backend.whenAsked = { watch.check() }
    }

    func dial(_ port: Int) {
        open(
            DialledClientPort(
                host: "127.0.0.1", port: port, client: client, clientSettings: ClientSettings(), backend: backend,
                loop: Self.loop, observe: { _ in }, report: { [weak self] in self?.note($0) }))
    }

    func listen(_ port: Int = 0, rules: AddressRules = .init()) {
        let entrance = ClientEntrance(
            backend: backend, settings: ClientSettings(), rules: rules,
            admission: ClientAdmission(.init()) { [watch] _, _ in watch.check() }, loop: Self.loop, observe: { _ in })
        self.entrance = entrance
        open(
            ListeningClientPort(host: "127.0.0.1", port: port, client: client, entrance) { [weak self] event in
                switch event {
                case .listening(let address):
                    self?.listeningPort = Int(address.split(separator: ":").last ?? "") ?? 0
                    self?.note("listening")
                case .connection(let event): self?.note(event)
                }
            })
    }

    private func open(_ port: any ClientPort) {
        self.port = port
        port.open()
    }

    private func note(_ event: ConnectionEvent) {
        switch event {
        case .opened: note("opened")
        case .lost(let reason): note("lost: \(reason)")
        case .notOpened(let reason): note("not opened: \(reason)")
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

    func whenAsked(_ count: Int) -> EventLoopFuture<Void> {
        watch.when { [backend] in backend.waiting.count >= count }
    }

    func stop() -> EventLoopFuture<Void> {
        server.stop()
        for peer in peers { peer.close() }
        return port?.stop() ?? Self.loop.makeSucceededVoidFuture()
    }
}

@Suite struct ClientPortTests {
    private static let loop = PortBench.loop

    private func made() async throws -> NIOLoopBound<PortBench> {
        try await Self.loop.submit { NIOLoopBound(PortBench(), eventLoop: Self.loop) }.get()
    }

    private func dialled() async throws -> NIOLoopBound<PortBench> {
        let bench = try await made()
        try await on(bench) { $0.server.start() }
        try await now(bench) { $0.dial($0.server.port) }
        try await on(bench) { $0.whenEvents(1) }
        return bench
    }

    private func listening(rules: AddressRules = .init()) async throws -> NIOLoopBound<PortBench> {
        let bench = try await made()
        try await now(bench) { $0.listen(rules: rules) }
        try await on(bench) { $0.whenEvents(1) }
        return bench
    }

    private func connected(_ bench: NIOLoopBound<PortBench>) async throws -> NIOLoopBound<NetworkPeer> {
        let peer = try await now(bench) { NIOLoopBound($0.newPeer(), eventLoop: Self.loop) }
        try await on(bench) { peer.value.connectTCP($0.listeningPort) }
        return peer
    }

    @Test func `the dongle behind a server that is dialled is heard and answered`() async throws {
        let bench = try await dialled()
        let request = Sample.rtu(5)
        try await now(bench) { $0.server.send([Array(request.prefix(3)), Array(request.dropFirst(3))]) }
        try await on(bench) { $0.whenAsked(1) }
        #expect(try await now(bench) { $0.backend.waiting.first?.query.client.name } == "SHINE")
        try await now(bench) { try $0.backend.answerOldest() }
        #expect(try await on(bench) { $0.server.received(7) } == Sample.rtuReply(5))
        try await on(bench) { $0.stop() }
    }

    @Test func `R12 a server that hangs up is dialled again, and what was asked is answered to nobody`() async throws {
        let bench = try await dialled()
        try await now(bench) { $0.server.send([Sample.rtu(1)]) }
        try await on(bench) { $0.whenAsked(1) }
        try await now(bench) { $0.server.hangUp() }
        try await on(bench) { $0.whenEvents(3) }
        #expect(try await now(bench) { $0.events } == ["opened", "lost: closed by the server", "opened"])
        #expect(try await now(bench) { $0.backend.withdrawn.count } == 1)
        try await now(bench) { try $0.backend.answerOldest() }
        try await now(bench) { $0.server.send([Sample.rtu(2)]) }
        try await on(bench) { $0.whenAsked(1) }
        try await now(bench) { try $0.backend.answerOldest() }
        #expect(try await on(bench) { $0.server.received(7) } == Sample.rtuReply(2))
        try await on(bench) { $0.stop() }
    }

    @Test func `R5 a repeat that crosses with the answer gets an answer of its own`() async throws {
        let bench = try await dialled()
        for _ in 1...2 {
            try await now(bench) { $0.server.send([Sample.rtu(1)]) }
            try await on(bench) { $0.whenAsked(1) }
            try await now(bench) { try $0.backend.answerOldest() }
            #expect(try await on(bench) { $0.server.received(7) } == Sample.rtuReply(1))
        }
        try await on(bench) { $0.stop() }
    }

    @Test func `a port that is lent carries bytes as they are, both ways, and loses them only when it is not there`()
        async throws
    {
        let bench = try await dialled()
        let borrowed = try await now(bench) { bench in
            let borrowed = Borrowed()
            bench.port?.session?.lend { bytes in
                borrowed.bytes += bytes
                bench.watch.check()
            }
            return NIOLoopBound(borrowed, eventLoop: Self.loop)
        }
        let firmware = [UInt8]((0..<20_000).map { UInt8(truncatingIfNeeded: $0) })
        try await now(bench) { $0.server.send([firmware]) }
        try await on(bench) { $0.watch.when { borrowed.value.bytes.count >= firmware.count } }
        #expect(try await now(borrowed) { $0.bytes } == firmware)
        #expect(try await now(bench) { $0.port?.session?.transmit(lent: firmware) } == true)
        #expect(try await on(bench) { $0.server.received(firmware.count) } == firmware)
        try await now(bench) { $0.server.stop() }
        try await on(bench) { $0.whenEvents(2) }
        #expect(try await now(bench) { $0.port?.session?.transmit(lent: [1]) } == false)
        try await on(bench) { $0.stop() }
    }

    @Test func `a server that does not take what is sent is hung up on, with the reason`() async throws {
        let bench = try await dialled()
        try await now(bench) { bench in
            bench.server.stopReading()
            bench.port?.session?.lend { _ in }
        }
        // Until the system's buffers are full and ours is, whatever their sizes are.
        let chunk = [UInt8](repeating: 0x55, count: 32_768)
        var isTaken = true
        for _ in 0..<2000 where isTaken {
            isTaken = try await now(bench) { bench in
                _ = bench.port?.session?.transmit(lent: chunk)
                return bench.events.count == 1
            }
        }
        #expect(try await now(bench) { $0.events.dropFirst().first } == "lost: it takes no more bytes")
        try await on(bench) { $0.stop() }
    }

    @Test func `a server that dials in is the dongle, and dials in again after a loss`() async throws {
        let bench = try await listening()
        for round in 1...2 {
            let peer = try await connected(bench)
            try await on(peer) { $0.send(Sample.rtu(UInt16(round))) }
            try await on(bench) { $0.whenAsked(1) }
            try await now(bench) { try $0.backend.answerOldest() }
            #expect(try await on(peer) { $0.received(7) } == Sample.rtuReply(UInt16(round)))
            try await on(peer) { $0.close() }
            try await on(bench) { $0.whenEvents(1 + 2 * round) }
        }
        #expect(
            try await now(bench) { $0.events } == [
                "listening", "opened", "lost: closed by the server", "opened", "lost: closed by the server",
            ])
        try await on(bench) { $0.stop() }
    }

    @Test func `who connects and sends nothing does not take the dongle's place, and four of them may wait`()
        async throws
    {
        let bench = try await listening()
        let dongle = try await connected(bench)
        try await on(bench) { $0.whenEvents(2) }
        for _ in 0..<ListeningClientPort.maximumNewcomers { _ = try await connected(bench) }
        let oneTooMany = try await connected(bench)
        try await on(oneTooMany) { $0.whenClosed() }
        try await on(dongle) { $0.send(Sample.rtu(1)) }
        try await on(bench) { $0.whenAsked(1) }
        try await now(bench) { try $0.backend.answerOldest() }
        #expect(try await on(dongle) { $0.received(7) } == Sample.rtuReply(1))
        #expect(try await now(bench) { $0.events } == ["listening", "opened"])
        try await on(bench) { $0.stop() }
    }

    @Test func `while the port is lent nobody takes the place of a dongle that is heard`() async throws {
        let bench = try await listening()
        let dongle = try await connected(bench)
        try await on(bench) { $0.whenEvents(2) }
        let borrowed = try await now(bench) { bench in
            let borrowed = Borrowed()
            bench.port?.session?.lend { bytes in
                borrowed.bytes += bytes
                bench.watch.check()
            }
            return NIOLoopBound(borrowed, eventLoop: Self.loop)
        }
        let stranger = try await connected(bench)
        try await on(stranger) { $0.send([9]) }
        try await on(stranger) { $0.whenClosed() }
        try await on(dongle) { $0.send([1, 2, 3]) }
        try await on(bench) { $0.watch.when { borrowed.value.bytes.count >= 3 } }
        #expect(try await now(borrowed) { $0.bytes } == [1, 2, 3])
        #expect(try await now(bench) { $0.events } == ["listening", "opened"])
        try await on(bench) { $0.stop() }
    }

    @Test func `the newest connection is the dongle, for an older one may be half open`() async throws {
        let bench = try await listening()
        let older = try await connected(bench)
        try await on(older) { $0.send(Sample.rtu(1)) }
        try await on(bench) { $0.whenAsked(1) }
        let newer = try await connected(bench)
        try await on(newer) { $0.send(Sample.rtu(2)) }
        try await on(older) { $0.whenClosed() }
        #expect(
            try await now(bench) { $0.events } == [
                "listening", "opened", "lost: a newer connection has taken its place", "opened",
            ])
        try await on(bench) { $0.whenAsked(2) }
        try await now(bench) { try $0.backend.answerOldest() }
        try await now(bench) { try $0.backend.answerOldest() }
        #expect(try await on(newer) { $0.received(7) } == Sample.rtuReply(2))
        #expect(try await now(older) { $0.bytes } == [])
        try await on(bench) { $0.stop() }
    }

    @Test func `who has to stay out is closed, counted, and takes nobody's place`() async throws {
        let bench = try await listening()
        let dongle = try await connected(bench)
        try await on(bench) { $0.whenEvents(2) }
        try await now(bench) { $0.entrance?.rules.deny = [AddressBlock(bytes: [127, 0, 0, 0], length: 8)] }
        let stranger = try await connected(bench)
        try await on(stranger) { $0.whenClosed() }
        try await on(dongle) { $0.send(Sample.rtu(1)) }
        try await on(bench) { $0.whenAsked(1) }
        #expect(try await now(bench) { $0.events } == ["listening", "opened"])
        try await on(bench) { $0.stop() }
    }

    @Test func `an address that is taken is said once, and had when it is free`() async throws {
        let bench = try await made()
        try await on(bench) { $0.server.start() }
        try await now(bench) { $0.listen($0.server.port) }
        try await on(bench) { $0.whenEvents(1) }
        try await now(bench) { $0.server.stop() }
        try await on(bench) { $0.whenEvents(2) }
        #expect(try await now(bench) { $0.events } == ["not opened: Address already in use", "listening"])
        try await on(bench) { $0.stop() }
    }

    @Test func `a connection that sends nothing but noise is closed with what may be wrong`() async throws {
        let bench = try await dialled()
        try await now(bench) { $0.server.send([[UInt8](repeating: 0xFF, count: StreamClient.maximumNoise + 1)]) }
        try await on(bench) { $0.whenEvents(3) }
        #expect(try await now(bench) { $0.events } == ["opened", "lost: \(StreamClient.noiseReason)", "opened"])
        try await on(bench) { $0.stop() }
    }
}

private final class Borrowed { var bytes: [UInt8] = [] }
