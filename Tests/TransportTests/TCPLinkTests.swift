import Broker
import Modbus
import NIOCore
import NIOPosix
import Testing

@testable import Transport

/// A bus at a server, all on one loop.
private final class LinkBench {
    enum Kind: CaseIterable { case modbusTCP, rtuOverTCP }

    static let loop = MultiThreadedEventLoopGroup.singleton.next()

    let server = StreamServer(LinkBench.loop)
    private var link: FramedLink?
    private var bus: Bus?
    private(set) var events: [String] = []
    private(set) var said: [[UInt8]] = []
    private var waiting: [(count: Int, promise: EventLoopPromise<Void>)] = []
    private var number: UInt64 = 0
    private let client = Client(kind: .tcp, name: "TCP:test", address: "test")

    func start(_ kind: Kind, port: Int? = nil) {
        // Whatever a busy machine does: no test waits for the response timeout.
        var settings = BusSettings(
            timing: kind == .modbusTCP ? .modbusTCP : .rtuOverTCP, minPeriod: .zero,
            responseTimeout: .seconds(86_400), retries: 1)
        settings.hasTransactions = kind == .modbusTCP
        let port = port ?? server.port
        let link = FramedLink(
            TCPCarrier(host: "127.0.0.1", port: port, loop: Self.loop), kind == .modbusTCP ? .mbap : .rtu,
            observe: { _ in }, report: { [weak self] in self?.note($0) })
        let bus = Bus(settings: settings, timeline: EventLoopTimeline(Self.loop), link: link) { _ in }
        link.bus = bus
        (self.link, self.bus) = (link, bus)
        link.open()
    }

    private func note(_ event: CarrierEvent) {
        if let text = event.text { events.append(text) }
        if case .said(let bytes) = event { said.append(bytes) }
        waiting.removeAll { wait in
            guard events.count >= wait.count else { return false }
            wait.promise.succeed()
            return true
        }
    }

    func whenEvents(_ count: Int) -> EventLoopFuture<Void> {
        let promise = Self.loop.makePromise(of: Void.self)
        if events.count >= count { promise.succeed() } else { waiting.append((count, promise)) }
        return promise.futureResult
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
        server.stop()
        return link?.stop() ?? Self.loop.makeSucceededVoidFuture()
    }
}

@Suite struct TCPLinkTests {
    private static let loop = LinkBench.loop
    private static let read = PDU(read: .readHoldingRegisters, address: 3, quantity: 2)
    private static let reply = PDU(registers: [17, 4], replyTo: .readHoldingRegisters)
    private static let write = PDU(write: .writeSingleRegister, address: 3, value: 1)

    /// Runs what is done on the loop, one step after the other.
    private func on<Value: Sendable>(
        _ bench: NIOLoopBound<LinkBench>, _ step: @escaping @Sendable (LinkBench) -> EventLoopFuture<Value>
    ) async throws -> Value {
        try await Self.loop.flatSubmit { step(bench.value) }.get()
    }

    private func connected(_ kind: LinkBench.Kind) async throws -> NIOLoopBound<LinkBench> {
        let bench = try await Self.loop.submit { NIOLoopBound(LinkBench(), eventLoop: Self.loop) }.get()
        try await on(bench) { $0.server.start() }
        try await Self.loop.submit { bench.value.start(kind) }.get()
        try await on(bench) { $0.whenEvents(1) }
        return bench
    }

    /// - Parameter request: as it was sent.
    private static func replyBytes(_ kind: LinkBench.Kind, to request: [UInt8]) -> [UInt8] {
        switch kind {
        case .rtuOverTCP: return RTUFrame(unit: 1, pdu: reply).bytes
        case .modbusTCP:
            let transaction = UInt16(request[0]) << 8 | UInt16(request[1])
            return TCPFrame(transaction: transaction, unit: 1, pdu: reply).bytes
        }
    }

    @Test(arguments: LinkBench.Kind.allCases, [1, 3, 100])
    private func `a reply is found in pieces of any size`(_ kind: LinkBench.Kind, _ size: Int) async throws {
        let bench = try await connected(kind)
        let answered = Self.loop.flatSubmit { bench.value.ask(Self.read) }
        let request = try await on(bench) { $0.server.received(kind == .modbusTCP ? 12 : 8) }
        if kind == .rtuOverTCP { #expect(request == RTUFrame(unit: 1, pdu: Self.read).bytes) }
        let bytes = Self.replyBytes(kind, to: request)
        try await Self.loop.submit {
            bench.value.server.send(
                stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) })
        }.get()
        #expect(try await answered.get().result.get().pdu == Self.reply)
        try await on(bench) { $0.stop() }
    }

    @Test(arguments: LinkBench.Kind.allCases)
    private func `R12 when the connection is lost all is answered at once, and it is dialled again`(
        _ kind: LinkBench.Kind
    ) async throws {
        let bench = try await connected(kind)
        let read = Self.loop.flatSubmit { bench.value.ask(Self.read) }
        let write = Self.loop.flatSubmit { bench.value.ask(Self.write) }
        _ = try await on(bench) { $0.server.received(8) }
        try await Self.loop.submit { bench.value.server.hangUp() }.get()
        #expect(try await read.get().result.error == .unavailable)
        let unsent = try await write.get()
        #expect(unsent.result.error == .unavailable)
        #expect(unsent.sent == nil)
        try await on(bench) { $0.whenEvents(3) }
        let events = try await Self.loop.submit { bench.value.events }.get()
        #expect(events == ["opened", "lost: closed by the server", "opened"])
        try await on(bench) { $0.stop() }
    }

    @Test func `a write that was sent before the connection was lost has an unknown outcome`() async throws {
        let bench = try await connected(.modbusTCP)
        let write = Self.loop.flatSubmit { bench.value.ask(Self.write) }
        _ = try await on(bench) { $0.server.received(12) }
        try await Self.loop.submit { bench.value.server.hangUp() }.get()
        let exchange = try await write.get()
        #expect(exchange.result.error == .noReply)
        #expect(exchange.sent != nil)
        try await on(bench) { $0.stop() }
    }

    @Test func `what is no Modbus closes the connection, which is dialled again`() async throws {
        let bench = try await connected(.modbusTCP)
        try await Self.loop.submit { bench.value.server.send([Array("HTTP/1.1 400 Bad Request\r\n".utf8)]) }.get()
        try await on(bench) { $0.whenEvents(3) }
        let events = try await Self.loop.submit { bench.value.events }.get()
        #expect(events == ["opened", "lost: what it sends is no Modbus TCP", "opened"])
        try await on(bench) { $0.stop() }
    }

    @Test(arguments: LinkBench.Kind.allCases)
    private func `what comes before the first reply is told, also of a connection that is closed at once`(
        _ kind: LinkBench.Kind
    ) async throws {
        let bench = try await connected(kind)
        let words = Array("Port already in use\r\n".utf8)
        try await Self.loop.submit {
            bench.value.server.send([words])
            bench.value.server.hangUp()
        }.get()
        try await on(bench) { $0.whenEvents(3) }
        let said = try await Self.loop.submit { bench.value.said }.get()
        #expect(said.last == words)
        try await on(bench) { $0.stop() }
    }

    @Test(arguments: LinkBench.Kind.allCases)
    private func `a reply, and what comes after it, is not told`(_ kind: LinkBench.Kind) async throws {
        let bench = try await connected(kind)
        let answered = Self.loop.flatSubmit { bench.value.ask(Self.read) }
        let request = try await on(bench) { $0.server.received(kind == .modbusTCP ? 12 : 8) }
        let bytes = Self.replyBytes(kind, to: request)
        try await Self.loop.submit { bench.value.server.send([bytes]) }.get()
        _ = try await answered.get()
        try await Self.loop.submit {
            bench.value.server.send([Array("noise of the line\n".utf8)])
            bench.value.server.hangUp()
        }.get()
        try await on(bench) { $0.whenEvents(3) }
        #expect(try await Self.loop.submit { bench.value.said }.get() == [])
        try await on(bench) { $0.stop() }
    }

    @Test func `a server that is not there is said once, and nothing is asked of it`() async throws {
        let bench = try await Self.loop.submit { NIOLoopBound(LinkBench(), eventLoop: Self.loop) }.get()
        try await on(bench) { $0.server.start() }
        try await Self.loop.submit {
            bench.value.server.stop()
            bench.value.start(.modbusTCP)
        }.get()
        try await on(bench) { $0.whenEvents(1) }
        #expect(try await Self.loop.submit { bench.value.events }.get() == ["not opened: Connection refused"])
        #expect(try await on(bench) { $0.ask(Self.read) }.result.error == .unavailable)
        try await on(bench) { $0.stop() }
    }
}

extension Result where Failure == BrokerError {
    fileprivate var error: BrokerError? { if case .failure(let error) = self { error } else { nil } }
}
