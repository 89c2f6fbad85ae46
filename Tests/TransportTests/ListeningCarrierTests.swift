import Broker
import Glibc
import Modbus
import NIOCore
import Testing

@testable import Transport

/// A line that dials in, on loopback. Which connection it is, is tested as ``DialledLine``.
@Suite struct ListeningCarrierTests {
    private static let loop = DialledBench.loop
    private static let unanswered = "replaced: it left a request unanswered"

    private func listening(
        rules: AddressRules = .init(), sockets: [HandedSocket] = [], port: Int = 0
    ) async throws -> NIOLoopBound<DialledBench> {
        let bench = try await Self.loop.submit {
            NIOLoopBound(
                DialledBench(port: port, rules: rules, sockets: HandedSockets(sockets)), eventLoop: Self.loop)
        }.get()
        try await on(bench) { $0.whenEvents(1) }
        return bench
    }

    private func dialled(_ bench: NIOLoopBound<DialledBench>) async throws -> NIOLoopBound<NetworkPeer> {
        let server = try await now(bench) { NIOLoopBound($0.newServer(), eventLoop: Self.loop) }
        try await on(bench) { server.value.connectTCP($0.port) }
        return server
    }

    private static func reply(to request: [UInt8], _ value: UInt16) -> [UInt8] {
        let transaction = UInt16(request[0]) << 8 | UInt16(request[1])
        return frame(transaction, value)
    }

    private static func frame(_ transaction: UInt16, _ value: UInt16) -> [UInt8] {
        let pdu = PDU(registers: [value], replyTo: .readHoldingRegisters)
        return TCPFrame(transaction: transaction, unit: 1, pdu: pdu).bytes
    }

    /// Asks, and answers at a server.
    private func exchange(
        _ bench: NIOLoopBound<DialledBench>, _ server: NIOLoopBound<NetworkPeer>, _ value: UInt16
    ) async throws {
        let asked = Self.loop.flatSubmit { bench.value.ask() }
        let request = try await on(server) { $0.received(12) }
        try await on(server) { $0.send(Self.reply(to: request, value)) }
        let answer = try await asked.get().result.get().pdu
        #expect(answer == PDU(registers: [value], replyTo: .readHoldingRegisters))
    }

    @Test func `queries wait for the first to dial in, and go to it`() async throws {
        let bench = try await listening()
        let asked = Self.loop.flatSubmit { bench.value.ask() }
        let server = try await dialled(bench)
        let request = try await on(server) { $0.received(12) }
        try await on(server) { $0.send(Self.reply(to: request, 7)) }
        #expect(try await asked.get().result.get().pdu == PDU(registers: [7], replyTo: .readHoldingRegisters))
        try await exchange(bench, server, 8)
        #expect(try await now(bench) { $0.events } == ["listening", "opened"])
        try await on(bench) { $0.stop() }
    }

    @Test func `R12 while nothing has dialled in again queries are answered at once, and identifiers count on`()
        async throws
    {
        let bench = try await listening()
        let first = try await dialled(bench)
        try await exchange(bench, first, 1)
        let lost = Self.loop.flatSubmit { bench.value.ask() }
        let request = try await on(first) { $0.received(12) }
        try await on(first) { $0.close() }
        #expect(try await lost.get().result.error == .unavailable)
        #expect(try await on(bench) { $0.ask() }.result.error == .unavailable)
        let second = try await dialled(bench)
        try await on(bench) { $0.whenEvents(4) }
        let asked = Self.loop.flatSubmit { bench.value.ask() }
        let next = try await on(second) { $0.received(12) }
        #expect(next[1] == request[1] + 1)
        // A reply to what was asked over the first connection is late.
        try await on(second) { $0.send(Self.reply(to: request, 13) + Self.reply(to: next, 2)) }
        #expect(try await asked.get().result.get().pdu == PDU(registers: [2], replyTo: .readHoldingRegisters))
        #expect(try await now(bench) { $0.discarded } == [.late])
        #expect(
            try await now(bench) { $0.events } == ["listening", "opened", "lost: closed by the server", "opened"])
        try await on(bench) { $0.stop() }
    }

    @Test func `frames that nothing asked for are discarded, on the line and before it`() async throws {
        let bench = try await listening()
        let line = try await dialled(bench)
        try await on(bench) { $0.whenEvents(2) }
        try await on(line) { $0.send(Self.frame(0, 13) + Self.frame(9999, 13)) }
        try await on(bench) { $0.whenDiscarded(2) }
        try await exchange(bench, line, 1)
        let waiting = try await dialled(bench)
        // The second one begins while it waits.
        let unasked = Self.frame(2, 13) + Self.frame(3, 13).prefix(5)
        try await on(waiting) { $0.send(unasked) }
        try await exchange(bench, line, 2)
        try await on(line) { $0.close() }
        try await on(bench) { $0.whenEvents(3) }
        try await on(waiting) { $0.send(Array(Self.frame(3, 13).dropFirst(5))) }
        try await on(bench) { $0.whenDiscarded(3) }
        try await exchange(bench, waiting, 3)
        #expect(try await now(bench) { $0.discarded } == [.foreign, .foreign, .foreign])
        #expect(
            try await now(bench) { $0.events } == ["listening", "opened", "replaced: closed by the server"])
        try await on(bench) { $0.stop() }
    }

    @Test func `behind a request without an answer the next one goes to the newest`() async throws {
        let bench = try await listening()
        let left = try await dialled(bench)
        try await on(bench) { $0.whenEvents(2) }
        _ = try await dialled(bench)
        let newest = try await dialled(bench)
        // As the bus does when it has given up waiting.
        try await now(bench) { $0.carrier?.write([1, 1, 1]) }
        #expect(try await on(left) { $0.received(3) } == [1, 1, 1])
        try await now(bench) { $0.carrier?.write([2, 2, 2]) }
        #expect(try await on(newest) { $0.received(3) } == [2, 2, 2])
        try await on(left) { $0.whenClosed() }
        #expect(try await now(bench) { $0.events } == ["listening", "opened", Self.unanswered])
        try await on(bench) { $0.stop() }
    }

    @Test func `one that answers stays the line, four wait, and of five the oldest is closed`() async throws {
        let bench = try await listening()
        let line = try await dialled(bench)
        try await on(bench) { $0.whenEvents(2) }
        let oldest = try await dialled(bench)
        var newest = oldest
        for value in UInt16(0)..<4 {
            newest = try await dialled(bench)
            try await exchange(bench, line, value)
        }
        try await on(oldest) { $0.whenClosed() }
        try await exchange(bench, line, 5)
        try await on(line) { $0.close() }
        try await on(bench) { $0.whenEvents(3) }
        try await exchange(bench, newest, 6)
        try await on(bench) { $0.stop() }
    }

    @Test func `one that waits and speaks no Modbus TCP is closed`() async throws {
        let bench = try await listening()
        let line = try await dialled(bench)
        try await on(bench) { $0.whenEvents(2) }
        let other = try await dialled(bench)
        try await on(other) { $0.send(Array("GET / HTTP/1.0\r\n\r\n".utf8)) }
        try await on(other) { $0.whenClosed() }
        try await exchange(bench, line, 1)
        #expect(try await now(bench) { $0.events } == ["listening", "opened"])
        try await on(bench) { $0.stop() }
    }

    @Test func `R12 where nothing answers the connection is closed, and one that waits is the line`() async throws {
        let bench = try await listening()
        let line = try await dialled(bench)
        try await on(bench) { $0.whenEvents(2) }
        let other = try await dialled(bench)
        let answered = Self.loop.flatSubmit { bench.value.ask() }
        _ = try await on(line) { $0.received(12) }
        try await now(bench) { $0.carrier?.reopen() }
        #expect(try await answered.get().result.error == .unavailable)
        try await on(line) { $0.whenClosed() }
        try await exchange(bench, other, 1)
        #expect(
            try await now(bench) { $0.events } == ["listening", "opened", "lost: nothing answers", "opened"])
        try await on(bench) { $0.stop() }
    }

    @Test func `what is not allowed is closed at once, by the rules of now`() async throws {
        let here = AddressBlock(bytes: [127, 0, 0, 0], length: 8)
        let bench = try await listening(rules: AddressRules(deny: [here]))
        let refused = try await dialled(bench)
        try await on(refused) { $0.whenClosed() }
        try await on(bench) { $0.whenRefused() }
        try await now(bench) { $0.entrance.rules = AddressRules(allow: [here]) }
        let line = try await dialled(bench)
        try await exchange(bench, line, 1)
        try await on(bench) { $0.stop() }
    }

    @Test func `an address that another has is tried again, and said once`() async throws {
        let first = try await listening()
        let port = try await now(first) { $0.port }
        let second = try await listening(port: port)
        #expect(try await now(second) { $0.events.first?.hasPrefix("not opened: Address already in use") } == true)
        #expect(try await on(second) { $0.ask() }.result.error == .unavailable)
        try await on(first) { $0.stop() }
        try await on(second) { $0.whenEvents(2) }
        #expect(try await now(second) { $0.events.last } == "listening")
        let server = try await dialled(second)
        try await exchange(second, server, 1)
        try await on(second) { $0.stop() }
    }

    @Test func `an address can be let go and had again, and the connection stays`() async throws {
        let bench = try await listening()
        let line = try await dialled(bench)
        try await exchange(bench, line, 1)
        try await on(bench) { $0.carrier?.listening?.stopListening() ?? Self.loop.makeSucceededVoidFuture() }
        let port = try await now(bench) { $0.port }
        let other = try await listening(port: port)
        try await exchange(bench, line, 2)
        try await on(other) { $0.stop() }
        try await now(bench) { $0.carrier?.listening?.listenAgain() }
        try await on(bench) { $0.whenEvents(3) }
        _ = try await dialled(bench)
        try await exchange(bench, line, 3)
        #expect(try await now(bench) { $0.events } == ["listening", "opened", "listening"])
        try await on(bench) { $0.stop() }
    }

    @Test func `a socket that was handed over is taken`() async throws {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let bound = try SocketAddress(ipAddress: "127.0.0.1", port: 0).withSockAddr {
            Glibc.bind(descriptor, $0, socklen_t($1))
        }
        try #require(bound == 0)
        try #require(Glibc.listen(descriptor, 8) == 0)
        let socket = HandedSocket(descriptor: descriptor, name: "x.socket")
        let port = try #require(socket.address?.port)
        let bench = try await listening(sockets: [socket], port: port)
        #expect(try await now(bench) { $0.events } == ["listening"])
        let server = try await dialled(bench)
        try await exchange(bench, server, 1)
        try await on(bench) { $0.stop() }
        close(descriptor)
    }

    @Test func `when it is stopped all connections are closed, and the address is free`() async throws {
        let bench = try await listening()
        let line = try await dialled(bench)
        try await on(bench) { $0.whenEvents(2) }
        let waiting = try await dialled(bench)
        try await exchange(bench, line, 1)
        let port = try await now(bench) { $0.port }
        try await now(bench) { $0.carrier?.stop() }?.get()
        for server in [line, waiting] { try await on(server) { $0.whenClosed() } }
        let next = try await listening(port: port)
        #expect(try await now(next) { $0.events } == ["listening"])
        for bench in [bench, next] { try await on(bench) { $0.stop() } }
    }
}

extension Result<RTUFrame, BrokerError> {
    fileprivate var error: BrokerError? { if case .failure(let error) = self { error } else { nil } }
}
