import Broker
import Modbus
import NIOCore
import NIOPosix
import Testing

@testable import Transport

@Suite struct DialledDongleLinkTests {
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
            bench.session?.lend { bytes in
                borrowed.bytes += bytes
                bench.watch.check()
            }
            return NIOLoopBound(borrowed, eventLoop: Self.loop)
        }
        let firmware = [UInt8]((0..<20_000).map { UInt8(truncatingIfNeeded: $0) })
        try await now(bench) { $0.server.send([firmware]) }
        try await on(bench) { $0.watch.when { borrowed.value.bytes.count >= firmware.count } }
        #expect(try await now(borrowed) { $0.bytes } == firmware)
        #expect(try await now(bench) { $0.session?.transmit(lent: firmware) } == true)
        #expect(try await on(bench) { $0.server.received(firmware.count) } == firmware)
        try await now(bench) { $0.server.stop() }
        try await on(bench) { $0.whenEvents(2) }
        #expect(try await now(bench) { $0.session?.transmit(lent: [1]) } == false)
        try await on(bench) { $0.stop() }
    }

    @Test func `a server that does not take what is sent is hung up on, with the reason`() async throws {
        let bench = try await dialled()
        // At once: what is not acknowledged for long is another reason. Until the system's buffers are full and ours is,
        // whatever their sizes are.
        try await now(bench) { bench in
            bench.server.stopReading()
            bench.session?.lend { _ in }
            let chunk = [UInt8](repeating: 0x55, count: 32_768)
            for _ in 0..<2000 where bench.events.count == 1 { _ = bench.session?.transmit(lent: chunk) }
        }
        try await on(bench) { $0.whenEvents(2) }
        #expect(try await now(bench) { $0.events.dropFirst().first } == "lost: it takes no more bytes")
        try await on(bench) { $0.stop() }
    }

    @Test func `an address that is taken is said once, and had when it is free`() async throws {
        let bench = try await made()
        try await on(bench) { $0.server.start() }
        try await now(bench) { $0.listen($0.server.port) }
        try await on(bench) { $0.whenEvents(1) }
        try await now(bench) { $0.server.stop() }
        try await on(bench) { $0.whenEvents(2) }
        let events = try await now(bench) { $0.events }
        // This process has it itself, and is not named.
        #expect(
            events.first?.hasPrefix("not opened: Address already in use by another program; to see which: ") == true)
        #expect(events.dropFirst() == ["listening"])
        try await on(bench) { $0.stop() }
    }

    @Test func `a connection that sends nothing but noise is closed with what may be wrong`() async throws {
        let bench = try await dialled()
        try await now(bench) { $0.server.send([[UInt8](repeating: 0xFF, count: StreamNoise.most + 1)]) }
        try await on(bench) { $0.whenEvents(3) }
        #expect(try await now(bench) { $0.events } == ["opened", "lost: \(StreamNoise.reason)", "opened"])
        try await on(bench) { $0.stop() }
    }
}
