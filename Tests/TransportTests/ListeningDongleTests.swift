import Broker
import Modbus
import NIOCore
import NIOPosix
import Testing

@testable import Transport

@Suite struct ListeningDongleTests {
    private static let loop = PortBench.loop
    private static let replaced = ["lost: a newer connection has taken its place", "opened"]

    private func made() async throws -> NIOLoopBound<PortBench> {
        try await Self.loop.submit { NIOLoopBound(PortBench(), eventLoop: Self.loop) }.get()
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

    private func assertAnswered(
        _ peer: NIOLoopBound<NetworkPeer>, _ address: UInt16, _ bench: NIOLoopBound<PortBench>
    ) async throws {
        try await on(peer) { $0.send(Sample.rtu(address)) }
        try await on(bench) { $0.whenAsked(1) }
        try await now(bench) { try $0.backend.answerOldest() }
        #expect(try await on(peer) { $0.received(7) } == Sample.rtuReply(address))
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
                "listening", "opened", "lost: closed by the client", "opened", "lost: closed by the client",
            ])
        try await on(bench) { $0.stop() }
    }

    @Test func `what a server sends before its dongle's first request is told`() async throws {
        let bench = try await listening()
        let peer = try await connected(bench)
        try await on(peer) { $0.send(Sample.tcp(1)) }
        try await on(bench) { $0.whenSaid(1) }
        try await assertAnswered(peer, 2, bench)
        #expect(try await now(bench) { $0.said } == [Sample.tcp(1)])
        try await on(bench) { $0.stop() }
    }

    @Test func `who connects and asks nothing does not take the dongle's place, and of five the oldest is closed`()
        async throws
    {
        let bench = try await listening()
        let dongle = try await connected(bench)
        try await on(bench) { $0.whenEvents(2) }
        let oldest = try await connected(bench)
        for _ in 1..<DialledDongle.mostNewcomers { _ = try await connected(bench) }
        let newest = try await connected(bench)
        try await on(oldest) { $0.whenClosed() }
        try await assertAnswered(dongle, 1, bench)
        #expect(try await now(bench) { $0.events } == ["listening", "opened"])
        try await assertAnswered(newest, 2, bench)
        #expect(try await now(bench) { $0.events } == ["listening", "opened"] + Self.replaced)
        try await on(bench) { $0.stop() }
    }

    @Test(
        arguments: [
            Array("GET / HTTP/1.0\r\n\r\n".utf8), Array("\r\n".utf8), [0x16, 0x03, 0x01, 0x00, 0x6A, 0x01, 0x00],
            [0x01], Array(Sample.rtu(9).dropLast()), Array(Sample.rtu(9).dropLast()) + [0x00],
        ])
    func `what is no whole request takes nobody's place`(_ bytes: [UInt8]) async throws {
        let bench = try await listening()
        let dongle = try await connected(bench)
        try await on(bench) { $0.whenEvents(2) }
        let stranger = try await connected(bench)
        try await on(stranger) { $0.send(bytes) }
        try await assertAnswered(dongle, 1, bench)
        #expect(try await now(bench) { $0.events } == ["listening", "opened"])
        try await on(bench) { $0.stop() }
    }

    @Test func `a whole request in pieces takes the place, and is answered`() async throws {
        let bench = try await listening()
        let dongle = try await connected(bench)
        try await on(bench) { $0.whenEvents(2) }
        let newer = try await connected(bench)
        for piece in [Sample.rtu(3).prefix(3), Sample.rtu(3).dropFirst(3)] {
            try await on(newer) { $0.send(Array(piece)) }
        }
        try await on(dongle) { $0.whenClosed() }
        try await on(bench) { $0.whenAsked(1) }
        try await now(bench) { try $0.backend.answerOldest() }
        #expect(try await on(newer) { $0.received(7) } == Sample.rtuReply(3))
        #expect(try await now(bench) { $0.events } == ["listening", "opened"] + Self.replaced)
        try await on(bench) { $0.stop() }
    }

    @Test func `who sends nothing but noise is closed, and takes nobody's place`() async throws {
        let bench = try await listening()
        let dongle = try await connected(bench)
        try await on(bench) { $0.whenEvents(2) }
        let stranger = try await connected(bench)
        try await on(stranger) { $0.send([UInt8](repeating: 0xFF, count: StreamNoise.most + 1)) }
        try await on(stranger) { $0.whenClosed() }
        try await assertAnswered(dongle, 1, bench)
        #expect(try await now(bench) { $0.events } == ["listening", "opened"])
        try await on(bench) { $0.stop() }
    }

    @Test func `while the port is lent nobody takes the place of a dongle that is heard`() async throws {
        let bench = try await listening()
        let dongle = try await connected(bench)
        try await on(bench) { $0.whenEvents(2) }
        let borrowed = try await now(bench) { bench in
            let borrowed = Borrowed()
            bench.session?.lend { bytes in
                borrowed.bytes += bytes
                bench.watch.check()
            }
            return NIOLoopBound(borrowed, eventLoop: Self.loop)
        }
        let stranger = try await connected(bench)
        try await on(dongle) { $0.send([1, 2, 3]) }
        // At once, whatever a busy machine does: a dongle that has been silent for long has no such right.
        try await on(bench) { bench in
            bench.watch.when { borrowed.value.bytes.count >= 3 }.flatMap { stranger.value.send([9]) }
        }
        try await on(stranger) { $0.whenClosed() }
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
}
