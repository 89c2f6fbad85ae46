import Broker
import Modbus
import NIOCore
import Testing

@testable import Transport

@Suite struct RTUStreamTests {
    private func started(
        limits: ClientAdmission.Limits = .init()
    ) async throws -> NIOLoopBound<EntranceBench> {
        let loop = EntranceBench.loop
        let bench = try await loop.submit { NIOLoopBound(EntranceBench(limits: limits), eventLoop: loop) }.get()
        try await on(bench) { $0.start { StreamListener(host: "127.0.0.1", port: 0, $0, Framing.rtu) } }
        return bench
    }

    private func connected(
        _ bench: NIOLoopBound<EntranceBench>
    ) async throws -> NIOLoopBound<NetworkPeer> {
        let peer = try await now(bench) { NIOLoopBound($0.newPeer(), eventLoop: EntranceBench.loop) }
        try await on(bench) { peer.value.connectTCP($0.port) }
        return peer
    }

    @Test(arguments: 1...8)
    func `R6 a request is found in every cut, and answered as a frame`(size: Int) async throws {
        let bench = try await started()
        let peer = try await connected(bench)
        let request = Sample.rtu(7)
        for start in stride(from: 0, to: request.count, by: size) {
            try await on(peer) { $0.send(Array(request[start..<min(start + size, request.count)])) }
        }
        try await on(bench) { $0.whenAsked(1) }
        try await now(bench) { try $0.backend.answerOldest() }
        #expect(try await on(peer) { $0.received(7) } == Sample.rtuReply(7))
        try await on(bench) { $0.stop() }
    }

    @Test func `R5 of two reads that are glued together the newer is asked and answered, also behind noise`()
        async throws
    {
        let bench = try await started()
        let peer = try await connected(bench)
        try await on(peer) { $0.send(Array("boot text".utf8) + Sample.rtu(1) + Sample.rtu(2)) }
        try await on(bench) { $0.whenAsked(1) }
        let client = try await now(bench) { $0.backend.waiting.map(\.query.client).first }
        let port = try await now(peer) { $0.localPort }
        #expect(client?.name == "RTU:127.0.0.1:\(port)")
        #expect(client?.address == "127.0.0.1")
        #expect(client?.kind == .rtu)
        try await now(bench) { try $0.backend.answerOldest() }
        #expect(try await on(peer) { $0.received(7) } == Sample.rtuReply(2))
        #expect(try await now(bench) { $0.backend.waiting.isEmpty })
        try await on(bench) { $0.stop() }
    }

    @Test func `the first bytes of a client are shown once, and are noise to the session`() async throws {
        let bench = try await started()
        let peer = try await connected(bench)
        try await on(peer) { $0.send(Sample.tcp(7)) }
        try await on(bench) { bench in bench.watch.when { [weak bench] in bench?.firsts.count == 1 } }
        try await on(peer) { $0.send(Sample.rtu(1)) }
        try await on(bench) { $0.whenAsked(1) }
        #expect(try await now(bench) { $0.firsts } == [Sample.tcp(7)])
        try await on(bench) { $0.stop() }
    }

    @Test func `when a connection closes, its read is withdrawn and its place is free`() async throws {
        var limits = ClientAdmission.Limits()
        limits.clients = 1
        let bench = try await started(limits: limits)
        let first = try await connected(bench)
        try await on(first) { $0.send(Sample.rtu(1)) }
        try await on(bench) { $0.whenAsked(1) }
        let refused = try await connected(bench)
        try await on(refused) { $0.whenClosed() }
        #expect(try await now(bench) { $0.admission.refused } == [.full: 1])
        try await on(first) { $0.close() }
        try await on(bench) { bench in
            bench.watch.when { [backend = bench.backend] in backend.withdrawn.count == 1 }
        }
        // It leaves when the loop is done with what closed it.
        try await now(bench) { _ in }
        #expect(try await now(bench) { $0.listener?.connected } == 0)
        try await on(bench) { $0.stop() }
    }

    @Test func `a connection that sends nothing but noise is closed and counted, without touching the line`()
        async throws
    {
        let bench = try await started()
        let peer = try await connected(bench)
        try await now(peer) { peer in
            // It may be closed before it has taken them all.
            _ = peer.send([UInt8](repeating: 0xFF, count: 2 * StreamNoise.most))
        }
        try await on(peer) { $0.whenClosed() }
        #expect(try await now(bench) { $0.entrance.invalid } == 1)
        #expect(try await now(bench) { $0.backend.waiting.isEmpty })
        try await on(bench) { $0.stop() }
    }

    @Test func `it listens again after it had stopped, and who was connected stays`() async throws {
        let bench = try await started()
        let peer = try await connected(bench)
        try await on(bench) { bench in bench.watch.when { [listener = bench.listener] in listener?.connected == 1 } }
        try await on(bench) { $0.listener?.stopAccepting() ?? EntranceBench.loop.makeSucceededVoidFuture() }
        try await on(bench) { $0.startAgain() }
        _ = try await connected(bench)
        try await on(peer) { $0.send(Sample.rtu(1)) }
        try await on(bench) { $0.whenAsked(1) }
        try await on(bench) { $0.stop() }
    }
}
