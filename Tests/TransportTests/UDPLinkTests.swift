import Broker
import Modbus
import NIOCore
import NIOPosix
import Testing

@testable import Transport

/// A bus at a server that speaks UDP, all on one loop.
private final class UDPLinkBench {
    enum Kind: CaseIterable { case modbus, rtu }

    static let loop = MultiThreadedEventLoopGroup.singleton.next()

    let server = NetworkPeer(UDPLinkBench.loop)
    let stranger = NetworkPeer(UDPLinkBench.loop)
    let watch = Watch(UDPLinkBench.loop)
    private(set) var link: FramedLink?
    private var bus: Bus?
    private(set) var events: [String] = []
    private(set) var said: [[UInt8]] = []
    private(set) var discarded: [BrokerEvent.DiscardReason] = []
    private var number: UInt64 = 0
    private let client = Client(kind: .tcp, name: "TCP:test", address: "test")

    func start(_ kind: Kind, host: String = "127.0.0.1", port: Int) {
        // Whatever a busy machine does: no test waits for the response timeout.
        var settings = BusSettings(
            timing: kind == .modbus ? .modbusTCP : .rtuOverTCP, minPeriod: .zero, responseTimeout: .seconds(86_400),
            retries: 1)
        settings.hasTransactions = kind == .modbus
        let observe: (BrokerEvent) -> Void = { [weak self] in self?.note($0) }
        let link = FramedLink(
            UDPCarrier(host: host, port: port, loop: Self.loop), kind == .modbus ? .mbap : .rtu, observe: observe,
            report: { [weak self] in self?.note($0) })
        let bus = Bus(settings: settings, timeline: EventLoopTimeline(Self.loop), link: link, observe: observe)
        link.bus = bus
        (self.link, self.bus) = (link, bus)
        link.open()
    }

    private func note(_ event: BrokerEvent) {
        if case .discarded(_, _, let reason) = event { discarded.append(reason) }
        watch.check()
    }

    private func note(_ event: CarrierEvent) {
        if let text = event.text { events.append(text) }
        if case .said(let bytes) = event { said.append(bytes) }
        watch.check()
    }

    func whenEvents(_ count: Int) -> EventLoopFuture<Void> {
        watch.when { [weak self] in self.map { $0.events.count >= count } ?? true }
    }

    func whenDiscarded(_ count: Int) -> EventLoopFuture<Void> {
        watch.when { [weak self] in self.map { $0.discarded.count >= count } ?? true }
    }

    func ask(_ pdu: PDU) -> EventLoopFuture<Exchange> {
        number += 1
        let promise = Self.loop.makePromise(of: Exchange.self)
        let query = Query(
            number: number, client: client, unit: 1, pdu: pdu, isRead: pdu.function.isRead,
            arrived: .start, deadline: nil)
        bus?.submit(query) { promise.succeed($0) }
        return promise.futureResult
    }

    func stop() -> EventLoopFuture<Void> {
        server.close()
        stranger.close()
        return link?.stop() ?? Self.loop.makeSucceededVoidFuture()
    }
}

@Suite struct UDPLinkTests {
    private static let loop = UDPLinkBench.loop
    private static let read = PDU(read: .readHoldingRegisters, address: 3, quantity: 2)
    private static let reply = PDU(registers: [17, 4], replyTo: .readHoldingRegisters)

    private func opened(_ kind: UDPLinkBench.Kind) async throws -> NIOLoopBound<UDPLinkBench> {
        let bench = try await Self.loop.submit { NIOLoopBound(UDPLinkBench(), eventLoop: Self.loop) }.get()
        try await on(bench) { $0.server.bindUDP() }
        try await on(bench) { $0.stranger.bindUDP() }
        try await now(bench) { $0.start(kind, port: $0.server.localPort) }
        try await on(bench) { $0.whenEvents(1) }
        return bench
    }

    /// - Parameter request: as it was sent.
    private static func replyBytes(_ kind: UDPLinkBench.Kind, to request: [UInt8]) -> [UInt8] {
        switch kind {
        case .rtu: return RTUFrame(unit: 1, pdu: reply).bytes
        case .modbus:
            let transaction = UInt16(request[0]) << 8 | UInt16(request[1])
            return TCPFrame(transaction: transaction, unit: 1, pdu: reply).bytes
        }
    }

    @Test(arguments: UDPLinkBench.Kind.allCases)
    private func `a datagram in the other framing is told, and a reply is not`(_ kind: UDPLinkBench.Kind) async throws {
        let bench = try await opened(kind)
        let answered = Self.loop.flatSubmit { bench.value.ask(Self.read) }
        let request = try await on(bench) { $0.server.received(8) }
        let other = kind == .rtu ? Sample.tcpReply(7) : Sample.rtuReply(7)
        try await now(bench) {
            $0.server.reply(other)
            $0.server.reply(Self.replyBytes(kind, to: request))
        }
        #expect(try await answered.get().result.get().pdu == Self.reply)
        #expect(try await now(bench) { $0.said } == [other])
        try await on(bench) { $0.stop() }
    }

    @Test(arguments: UDPLinkBench.Kind.allCases)
    private func `a unit behind a server is asked and answers`(_ kind: UDPLinkBench.Kind) async throws {
        let bench = try await opened(kind)
        let answered = Self.loop.flatSubmit { bench.value.ask(Self.read) }
        let request = try await on(bench) { $0.server.received(8) }
        if kind == .rtu { #expect(request == RTUFrame(unit: 1, pdu: Self.read).bytes) }
        try await now(bench) { $0.server.reply(Self.replyBytes(kind, to: request)) }
        #expect(try await answered.get().result.get().pdu == Self.reply)
        try await on(bench) { $0.stop() }
    }

    @Test func `replies to older requests, to none, and no frames are told as such, and given to nobody`() async throws
    {
        let bench = try await opened(.modbus)
        let first = Self.loop.flatSubmit { bench.value.ask(Self.read) }
        let request = try await on(bench) { $0.server.received(12) }
        let reply = Self.replyBytes(.modbus, to: request)
        try await now(bench) { $0.server.reply(reply) }
        _ = try await first.get()
        let second = Self.loop.flatSubmit { bench.value.ask(Self.read) }
        let next = try await on(bench) { $0.server.received(12) }
        let foreign = TCPFrame(transaction: 40_000, unit: 1, pdu: Self.reply).bytes
        let good = Self.replyBytes(.modbus, to: next)
        try await now(bench) { bench in
            for bytes in [reply, foreign, good + [0], Array("no Modbus".utf8)] { bench.server.reply(bytes) }
        }
        try await on(bench) { $0.whenDiscarded(4) }
        #expect(try await now(bench) { $0.discarded } == [.late, .foreign, .noise, .noise])
        try await now(bench) { $0.server.reply(good) }
        #expect(try await second.get().result.get().pdu == Self.reply)
        #expect(try await now(bench) { $0.events } == ["opened"])
        try await on(bench) { $0.stop() }
    }

    @Test func `what another one sends is not heard`() async throws {
        let bench = try await opened(.rtu)
        let answered = Self.loop.flatSubmit { bench.value.ask(Self.read) }
        let request = try await on(bench) { $0.server.received(8) }
        let forged = RTUFrame(unit: 1, pdu: PDU(registers: [6, 6], replyTo: .readHoldingRegisters)).bytes
        try await now(bench) { bench in
            // The server knows the port that the request came from: that is where the stranger sends to.
            bench.stranger.send(forged, toPort: bench.server.senderPort)
            bench.server.reply(Self.replyBytes(.rtu, to: request))
        }
        #expect(try await answered.get().result.get().pdu == Self.reply)
        try await on(bench) { $0.stop() }
    }

    @Test func `that nobody listens is said once, and is no loss of the line`() async throws {
        let bench = try await opened(.rtu)
        let port = try await now(bench) { $0.server.localPort }
        try await on(bench) { $0.server.close() }
        for _ in 1...3 { try await now(bench) { $0.link?.transmit(Sample.rtu(1)) } }
        try await on(bench) { $0.whenEvents(2) }
        for _ in 1...3 { try await now(bench) { $0.link?.transmit(Sample.rtu(1)) } }
        #expect(try await now(bench) { $0.events } == ["opened", "not opened: Connection refused"])
        // When somebody listens again, the first request reaches it.
        try await on(bench) { $0.server.bindUDP(port) }
        let answered = Self.loop.flatSubmit { bench.value.ask(Self.read) }
        let request = try await on(bench) { $0.server.received(8) }
        try await now(bench) { $0.server.reply(Self.replyBytes(.rtu, to: request)) }
        #expect(try await answered.get().result.get().pdu == Self.reply)
        #expect(try await now(bench) { $0.events.count } == 2)
        try await on(bench) { $0.stop() }
    }

    @Test(arguments: UDPLinkBench.Kind.allCases)
    private func `R12 opened again, it goes on, and who waits is told at once`(_ kind: UDPLinkBench.Kind) async throws {
        let bench = try await opened(kind)
        let lost = Self.loop.flatSubmit { bench.value.ask(Self.read) }
        _ = try await on(bench) { $0.server.received(8) }
        try await now(bench) { $0.link?.reopen() }
        guard case .failure(.unavailable) = try await lost.get().result else {
            Issue.record("not told")
            return
        }
        try await on(bench) { $0.whenEvents(3) }
        #expect(try await now(bench) { $0.events } == ["opened", "lost: opened again", "opened"])
        let answered = Self.loop.flatSubmit { bench.value.ask(Self.read) }
        let request = try await on(bench) { $0.server.received(8) }
        try await now(bench) { $0.server.reply(Self.replyBytes(kind, to: request)) }
        #expect(try await answered.get().result.get().pdu == Self.reply)
        try await on(bench) { $0.stop() }
    }

    @Test func `a name that nobody has is said, and nothing is asked there`() async throws {
        let bench = try await Self.loop.submit { NIOLoopBound(UDPLinkBench(), eventLoop: Self.loop) }.get()
        // Longer than any label may be: no server of names need be asked.
        let host = String(repeating: "a", count: 70)
        try await now(bench) { $0.start(.modbus, host: host, port: 502) }
        try await on(bench) { $0.whenEvents(1) }
        #expect(try await now(bench) { $0.events } == ["not opened: there is no host of that name"])
        guard case .failure(.unavailable) = try await on(bench, { $0.ask(Self.read) }).result else {
            Issue.record("asked")
            return
        }
        try await on(bench) { $0.stop() }
    }

    @Test func `a server that there is no way to is told with what the system says`() async throws {
        let bench = try await Self.loop.submit { NIOLoopBound(UDPLinkBench(), eventLoop: Self.loop) }.get()
        // The system does not let a socket be connected to everybody without being told so.
        try await now(bench) { $0.start(.rtu, host: "255.255.255.255", port: 502) }
        try await on(bench) { $0.whenEvents(1) }
        #expect(try await now(bench) { $0.events } == ["not opened: Permission denied"])
        try await on(bench) { $0.stop() }
    }
}
