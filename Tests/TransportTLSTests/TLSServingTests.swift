import Broker
import Glibc
import Modbus
import NIOCore
import NIOSSL
import Testing
import Text
import Transport

@testable import TransportTLS

@Suite struct TLSServingTests {
    private static let loop = TLSBench.loop
    private static let read = PDU(read: .readHoldingRegisters, address: 3, quantity: 2)
    private static let reply = PDU(registers: [3, 0x5EC2], replyTo: .readHoldingRegisters)
    private static let write = PDU(write: .writeSingleRegister, address: 3, value: 1)

    private typealias Bench = NIOLoopBound<TLSBench>

    private func bench(
        limits: ClientAdmission.Limits = .init(), handshakeTimeout: TimeAmount = .hours(1)
    ) async throws -> Bench {
        let identity = try TLSIdentity(loading: Fixture.files())
        let bench = try await Self.loop.submit {
            NIOLoopBound(TLSBench(identity, limits: limits, handshakeTimeout: handshakeTimeout), eventLoop: Self.loop)
        }.get()
        try await on(bench) { $0.start() }
        return bench
    }

    private func on(_ bench: Bench, _ step: @escaping @Sendable (TLSBench) -> EventLoopFuture<Void>) async throws {
        try await Self.loop.flatSubmit { step(bench.value) }.get()
    }

    private func get<Value: Sendable>(_ bench: Bench, _ value: @escaping @Sendable (TLSBench) -> Value) async throws
        -> Value
    {
        try await Self.loop.submit { value(bench.value) }.get()
    }

    private func until(_ bench: Bench, _ isMet: @escaping @Sendable (TLSBench) -> Bool) async throws {
        try await on(bench) { bench in bench.when { isMet(bench) } }
    }

    /// Connects the last client, and waits until it has a number of answers.
    private func ask(_ bench: Bench, _ context: NIOSSLContext, _ pdus: [PDU]) async throws -> [TCPFrame] {
        try await on(bench) { $0.connect(context) }
        let number = try await get(bench) { $0.clients.count - 1 }
        try await get(bench) { bench in
            for (transaction, pdu) in pdus.enumerated() { bench.clients[number].send(UInt16(transaction), pdu) }
        }
        try await until(bench) { $0.clients[number].frames.count >= pdus.count || $0.clients[number].isClosed }
        return try await get(bench) { $0.clients[number].frames }
    }

    @Test(arguments: [2...2, 3...3])
    private func `with the role read-write a client reads and writes, over either version`(
        _ versions: ClosedRange<Int>
    ) async throws {
        let bench = try await bench()
        let frames = try await ask(bench, Fixture.client("writer", versions: versions), [Self.read, Self.write])
        #expect(frames.map(\.pdu) == [Self.reply, Self.write])
        #expect(frames.map(\.transaction) == [0, 1])
        #expect(try await get(bench) { $0.queries.map(\.client.name) } == ["TLS:evcc", "TLS:evcc"])
        #expect(try await get(bench) { $0.queries.map(\.client.kind) } == [.tls, .tls])
        #expect(try await get(bench) { $0.queries.map(\.client.address) } == ["127.0.0.1", "127.0.0.1"])
        #expect(try await get(bench) { $0.refusals } == [])
        try await on(bench) { $0.stop() }
    }

    @Test(arguments: ["reader", "no-role", "no-name"])
    private func `with the role read-only, or none, a client reads, and its writes are refused`(
        _ certificate: String
    ) async throws {
        let bench = try await bench()
        let frames = try await ask(bench, Fixture.client(certificate), [Self.read, Self.write])
        #expect(
            frames.map(\.pdu.exceptionCode) == [nil, .illegalFunction]
                || frames.map(\.pdu.exceptionCode) == [.illegalFunction, nil])
        #expect(try await get(bench) { $0.queries.map(\.pdu) } == [Self.read])
        #expect(try await get(bench) { $0.refusals } == [])
        try await on(bench) { $0.stop() }
    }

    @Test(arguments: [
        ("unknown-role", "TLS:operator, role operator"), ("other-string", "TLS:other string, role unreadable"),
    ])
    private func `a role that is not known refuses every request, and is said once`(
        _ certificate: String, _ detail: String
    ) async throws {
        let bench = try await bench()
        let frames = try await ask(bench, Fixture.client(certificate), [Self.read, Self.write, Self.read])
        #expect(frames.map(\.pdu.exceptionCode) == [.illegalFunction, .illegalFunction, .illegalFunction])
        #expect(try await get(bench) { $0.queries.isEmpty })
        #expect(
            try await get(bench) { $0.refusals } == [TLSRefusal(host: "127.0.0.1", reason: .role, detail: detail)])
        #expect(try await get(bench) { $0.serving.refused } == [.role: 1])
        try await on(bench) { $0.stop() }
    }

    @Test func `more requests at once than are worked on are all answered in order`() async throws {
        let bench = try await bench()
        let reads = (0..<200).map { PDU(read: .readHoldingRegisters, address: $0, quantity: 2) }
        let frames = try await ask(bench, Fixture.client("reader"), reads)
        #expect(frames.map { $0.pdu.word(at: 2) } == (0..<200).map { $0 })
        try await on(bench) { $0.stop() }
    }

    @Test(arguments: [2...2, 3...3])
    private func `what is on the wire is TLS records and nothing else`(_ versions: ClosedRange<Int>) async throws {
        let bench = try await bench()
        _ = try await ask(bench, Fixture.client("writer", versions: versions), [Self.read, Self.write])
        // One at a time: such an answer is not sent together with others.
        try await get(bench) { $0.clients[0].send(7, Self.read) }
        try await until(bench) { $0.clients[0].frames.count == 3 || $0.clients[0].isClosed }
        try await on(bench) { $0.stop() }
        try await until(bench) { $0.clients[0].isClosed }
        for bytes in try await get(bench, { [$0.clients[0].tap.sent, $0.clients[0].tap.received] }) {
            #expect(bytes.isTLSRecords)
            // As long as that, it is not there by chance.
            #expect(bytes.ranges(of: Self.reply.bytes).isEmpty && bytes.ranges(of: Self.read.bytes).isEmpty)
            #expect(bytes.count > 500)
        }
    }

    @Test func `bytes in TLS that are no Modbus end the connection, and count as such`() async throws {
        let bench = try await bench()
        let context = try Fixture.client("writer")
        try await on(bench) { $0.connect(context) }
        try await get(bench) { $0.clients[0].send(Array("GET / HTTP/1.1\r\n\r\n".utf8)) }
        try await until(bench) { $0.clients[0].isClosed }
        #expect(try await get(bench) { $0.entrance.invalid } == 1)
        #expect(try await get(bench) { $0.clients[0].wasEndedOrderly })
        #expect(try await get(bench) { $0.refusals } == [])
        try await on(bench) { $0.stop() }
    }

    @Test func `a new identity holds for connections from then on, and leaves the others alone`() async throws {
        let bench = try await bench()
        let context = try Fixture.client("reader")
        _ = try await ask(bench, context, [Self.read])
        let renewed = try TLSIdentity(loading: Fixture.files(certificate: "server-renewed.pem"))
        try await get(bench) { $0.serving.take(renewed) }
        _ = try await ask(bench, context, [Self.read])
        try await get(bench) { $0.clients[0].send(9, Self.read) }
        try await until(bench) { $0.clients[0].frames.count == 2 }
        let serials = try await get(bench) { $0.clients.map { $0.server?.serialNumber } }
        #expect(
            serials == [
                try Fixture.certificate("server").serialNumber, try Fixture.certificate("server-renewed").serialNumber,
            ])
        try await on(bench) { $0.stop() }
    }

    /// Those of the fixtures, with these authorities instead.
    private func identity(clientCA names: [String]) throws -> TLSIdentity {
        let path = "/tmp/growatt-tls-\(getpid())-\(names.joined(separator: "-")).pem"
        try WholeFile.write(names.flatMap { try Fixture.bytes("\($0).pem") }, to: path)
        defer { unlink(path) }
        var files = Fixture.files()
        files.clientCA = path
        return try TLSIdentity(loading: files)
    }

    @Test func `who came in by an authority that is none any more is disconnected, and who is in its handshake too`()
        async throws
    {
        let bench = try await bench()
        let context = try Fixture.client("writer")
        _ = try await ask(bench, context, [Self.write])
        try await on(bench) { $0.connect(nil) }
        try await until(bench) { $0.listener.connected == 2 }
        let other = try identity(clientCA: ["foreign-ca"])
        try await get(bench) { bench in
            bench.serving.take(other)
            // At once, and not only when the end of TLS is answered.
            bench.clients[0].send(5, Self.write)
        }
        try await until(bench) { $0.listener.connected == 0 }
        #expect(try await get(bench) { $0.clients[0].wasEndedOrderly })
        #expect(try await get(bench) { $0.queries.count } == 1)
        let refusal = TLSRefusal(host: "127.0.0.1", reason: .lockedOut, detail: "TLS:evcc")
        #expect(try await get(bench) { $0.refusals } == [refusal])
        #expect(!refusal.reason.isOfHandshake)
        _ = try await ask(bench, context, [Self.read])
        #expect(try await get(bench) { $0.refusals.last?.reason } == .untrusted)
        try await on(bench) { $0.stop() }
    }

    @Test func `one more authority disconnects nobody, and to take that away only who came in by both`() async throws {
        let bench = try await bench()
        let context = try Fixture.client("reader")
        _ = try await ask(bench, context, [Self.read])
        let more = try identity(clientCA: ["foreign-ca", "client-ca"])
        try await get(bench) { $0.serving.take(more) }
        _ = try await ask(bench, context, [Self.read])
        let fewer = try identity(clientCA: ["client-ca"])
        try await get(bench) { $0.serving.take(fewer) }
        try await until(bench) { $0.clients[1].isClosed }
        try await get(bench) { $0.clients[0].send(9, Self.read) }
        try await until(bench) { $0.clients[0].frames.count == 2 || $0.clients[0].isClosed }
        #expect(try await get(bench) { $0.clients.map(\.isClosed) } == [false, true])
        try await on(bench) { $0.stop() }
    }

    @Test func `a connection ends with the certificate of its client, even if the clock has jumped`() async throws {
        let bench = try await bench()
        let end = Int(try Fixture.certificate("writer").notValidAfter)
        try await get(bench) { $0.now = end - 3600 }
        _ = try await ask(bench, Fixture.client("writer"), [Self.read])
        #expect(try await get(bench) { $0.refusals } == [])
        try await get(bench) { $0.now = end }
        try await until(bench) { $0.listener.connected == 0 }
        #expect(
            try await get(bench) { $0.refusals }
                == [TLSRefusal(host: "127.0.0.1", reason: .outlived, detail: "TLS:evcc")])
        let visits = try await get(bench) { $0.visits }
        #expect(visits.map(\.client.name) == ["TLS:evcc", "TLS:evcc"])
        guard case .left(_, let stay) = visits.last else { return #expect(Bool(false), "it has not left") }
        #expect(stay.reason == TLSRefusal.Reason.outlived.rawValue)
        #expect(stay.requests == 1)
        try await on(bench) { $0.stop() }
    }

    @Test(arguments: [(0, TLSRefusal.Reason.notYetValid), (Int.max, .expired)])
    private func `a certificate that the library accepts has to be valid here too`(
        _ now: Int, _ reason: TLSRefusal.Reason
    ) async throws {
        let bench = try await bench()
        try await get(bench) { $0.now = now }
        _ = try await ask(bench, Fixture.client("writer"), [Self.read])
        try await until(bench) { $0.listener.connected == 0 }
        #expect(
            try await get(bench) { $0.refusals } == [TLSRefusal(host: "127.0.0.1", reason: reason, detail: "evcc")])
        #expect(try await get(bench) { $0.queries.isEmpty })
        try await on(bench) { $0.stop() }
    }

    @Test(arguments: [true, false])
    private func `closing ends TLS orderly, and waits for nobody who does not answer`(_ reads: Bool) async throws {
        let bench = try await bench()
        _ = try await ask(bench, Fixture.client("reader"), [Self.read])
        try await get(bench) { $0.clients[0].channel.setOption(.autoRead, value: reads).whenComplete { _ in } }
        try await on(bench) { $0.listener.closeConnections() }
        try await until(bench) { $0.listener.connected == 0 }
        if reads {
            try await until(bench) { $0.clients[0].isClosed }
            #expect(try await get(bench) { $0.clients[0].wasEndedOrderly })
        }
        try await on(bench) { $0.stop() }
    }
}

struct TLSFailureTests {
    @Test func `a connection that ends without the end of TLS is told as such, and others as everywhere`() {
        #expect(TLSServing.text(of: NIOSSLError.uncleanShutdown) == "cut off, without the end of TLS")
        #expect(
            TLSServing.text(of: IOError(errnoCode: ECONNRESET, reason: "read")) == "Connection reset by peer")
    }
}

struct TLSClockTests {
    @Test(arguments: [(0, 1), (10, 1), (20, 10), (10 + 3600, 3600), (.max, 3600)])
    private func `it is waited for the end, but for an hour at most`(_ end: Int, _ seconds: Int64) {
        #expect(TLSClock(now: { 10 }, longestWait: .hours(1)).wait(until: end) == .seconds(seconds))
    }
}

extension [UInt8] {
    /// Type, version and length of each record, from the first byte to the last.
    fileprivate var isTLSRecords: Bool {
        var rest = self[...]
        while let type = rest.first {
            let header = Array(rest.prefix(5))
            guard (20...23).contains(type), header.count == 5, header[1] == 3 else { return false }
            let length = Int(header[3]) << 8 | Int(header[4])
            guard rest.count >= 5 + length else { return false }
            rest = rest.dropFirst(5 + length)
        }
        return true
    }
}
