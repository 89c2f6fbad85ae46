import Broker
import Modbus
import NIOCore
import Testing

@testable import Transport

@Suite struct DatagramListenerTests {
    private static let framings: [Framing] = [.mbap, .rtu]

    private func started(_ framing: Framing) async throws -> NIOLoopBound<EntranceBench> {
        let loop = EntranceBench.loop
        let bench = try await loop.submit { NIOLoopBound(EntranceBench(), eventLoop: loop) }.get()
        try await on(bench) { $0.start { DatagramListener(host: "127.0.0.1", port: 0, $0, framing) } }
        return bench
    }

    private func peer(_ bench: NIOLoopBound<EntranceBench>) async throws -> NIOLoopBound<NetworkPeer> {
        let peer = try await now(bench) { NIOLoopBound($0.newPeer(), eventLoop: EntranceBench.loop) }
        try await on(peer) { $0.bindUDP() }
        return peer
    }

    @Test(arguments: framings)
    func `a first datagram in the other framing is shown, and lets nobody in`(_ framing: Framing) async throws {
        let bench = try await started(framing)
        let other = framing == .mbap ? Sample.rtu(1) : Sample.tcp(1)
        let peer = try await peer(bench)
        let port = try await now(bench) { $0.port }
        try await now(peer) { $0.send(other, toPort: port) }
        try await on(bench) { bench in bench.watch.when { [weak bench] in bench?.firsts.count == 1 } }
        #expect(try await now(bench) { $0.firsts } == [other])
        #expect(try await now(bench) { $0.listener?.connected } == 0)
        try await on(bench) { $0.stop() }
    }

    /// Sends a request, and waits until it has been asked.
    private func ask(
        _ bench: NIOLoopBound<EntranceBench>, _ peer: NIOLoopBound<NetworkPeer>, _ bytes: [UInt8], waiting: Int
    ) async throws {
        let port = try await now(bench) { $0.port }
        try await now(peer) { $0.send(bytes, toPort: port) }
        try await on(bench) { $0.whenAsked(waiting) }
    }

    @Test(arguments: framings)
    func `each client gets the replies to its own requests`(_ framing: Framing) async throws {
        let bench = try await started(framing)
        let first = try await peer(bench)
        let second = try await peer(bench)
        try await ask(bench, first, framing.request(1), waiting: 1)
        try await ask(bench, second, framing.request(2), waiting: 2)
        let names = try await now(bench) { $0.backend.waiting.map(\.query.client.name) }
        #expect(
            try await names == [
                "\(framing.name):127.0.0.1:\(now(first) { $0.localPort })",
                "\(framing.name):127.0.0.1:\(now(second) { $0.localPort })",
            ])
        try await now(bench) { try $0.backend.answerOldest() }
        try await now(bench) { try $0.backend.answerOldest() }
        #expect(try await on(second) { $0.received(framing.reply(2).count) } == framing.reply(2))
        #expect(try await on(first) { $0.received(framing.reply(1).count) } == framing.reply(1))
        #expect(try await now(bench) { $0.listener?.connected } == 2)
        try await on(bench) { $0.stop() }
        #expect(try await now(bench) { $0.admission.connected } == 0)
    }

    @Test(arguments: framings)
    func `a client that has gone disturbs nobody`(_ framing: Framing) async throws {
        let bench = try await started(framing)
        let gone = try await peer(bench)
        let other = try await peer(bench)
        try await ask(bench, gone, framing.request(1), waiting: 1)
        try await on(gone) { $0.close() }
        // The system answers the first reply with an error, which the second meets.
        try await now(bench) { try $0.backend.answerOldest() }
        try await ask(bench, other, framing.request(2), waiting: 1)
        try await now(bench) { try $0.backend.answerOldest() }
        #expect(try await on(other) { $0.received(framing.reply(2).count) } == framing.reply(2))
        try await on(bench) { $0.stop() }
    }

    @Test(arguments: framings)
    func `when it stops, who waits for an answer gets it, and then the port is free`(_ framing: Framing) async throws {
        let bench = try await started(framing)
        let client = try await peer(bench)
        try await ask(bench, client, framing.request(1), waiting: 1)
        let port = try await now(bench) { $0.port }
        let stopped = try await now(bench) { $0.listener?.stopAccepting() }
        try await now(bench) { try $0.backend.answerOldest() }
        #expect(try await on(client) { $0.received(framing.reply(1).count) } == framing.reply(1))
        try await stopped?.get()
        let other = try await peer(bench)
        try await on(other) { $0.close() }
        try await on(other) { $0.bindUDP(port) }
        try await on(other) { $0.close() }
        try await on(bench) { $0.startAgain() }
        try await ask(bench, client, framing.request(3), waiting: 1)
        try await now(bench) { try $0.backend.answerOldest() }
        #expect(try await on(client) { $0.received(framing.reply(3).count) } == framing.reply(3))
        try await on(bench) { $0.stop() }
    }

    @Test func `when its connections are closed, what was asked is withdrawn`() async throws {
        let bench = try await started(.mbap)
        let client = try await peer(bench)
        try await ask(bench, client, Sample.tcp(1), waiting: 1)
        try await on(bench) { $0.listener?.closeConnections() ?? EntranceBench.loop.makeSucceededVoidFuture() }
        #expect(try await now(bench) { $0.backend.withdrawn.count } == 1)
        #expect(try await now(bench) { $0.listener?.connected } == 0)
        // It is heard all the same.
        try await ask(bench, client, Sample.tcp(2), waiting: 2)
        try await on(bench) { $0.stop() }
    }

    @Test func `an address that is taken cannot be had, and can be when it is free`() async throws {
        let loop = EntranceBench.loop
        let bench = try await loop.submit { NIOLoopBound(EntranceBench(), eventLoop: loop) }.get()
        let other = try await peer(bench)
        let taken = try await now(other) { $0.localPort }
        await #expect(throws: IOError.self) {
            try await on(bench) { bench in bench.start { DatagramListener(host: "127.0.0.1", port: taken, $0, .mbap) } }
        }
        try await on(other) { $0.close() }
        try await on(bench) { $0.startAgain() }
        try await on(bench) { $0.stop() }
    }

    @Test func `R5 of two frames in a datagram the newer read is asked`() async throws {
        let bench = try await started(.rtu)
        let client = try await peer(bench)
        try await ask(bench, client, Sample.rtu(1) + Sample.rtu(2), waiting: 1)
        try await now(bench) { try $0.backend.answerOldest() }
        #expect(try await on(client) { $0.received(7) } == Sample.rtuReply(2))
        try await on(bench) { $0.stop() }
    }
}

extension Framing {
    fileprivate func request(_ address: UInt16) -> [UInt8] {
        self == .mbap ? Sample.tcp(address) : Sample.rtu(address)
    }

    fileprivate func reply(_ address: UInt16) -> [UInt8] {
        self == .mbap ? Sample.tcpReply(address) : Sample.rtuReply(address)
    }

    /// What names of its clients begin with.
    fileprivate var name: String { self == .mbap ? "UDP" : "RTU" }
}
