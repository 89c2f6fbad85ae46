import Broker
import Modbus
import NIOCore
import NIOSSL
import Testing
import Text
import Transport

@testable import TransportTLS

/// Connections that do not become clients.
@Suite struct TLSHandshakeTests {
    private static let loop = TLSBench.loop

    private func bench(
        limits: ClientAdmission.Limits = .init(), handshakeTimeout: TimeAmount = .hours(1)
    ) async throws -> NIOLoopBound<TLSBench> {
        let identity = try TLSIdentity(loading: Fixture.files())
        let bench = try await Self.loop.submit {
            NIOLoopBound(TLSBench(identity, limits: limits, handshakeTimeout: handshakeTimeout), eventLoop: Self.loop)
        }.get()
        try await Self.loop.flatSubmit { bench.value.start() }.get()
        return bench
    }

    private func get<Value: Sendable>(
        _ bench: NIOLoopBound<TLSBench>, _ value: @escaping @Sendable (TLSBench) -> Value
    ) async throws -> Value {
        try await Self.loop.submit { value(bench.value) }.get()
    }

    private func until(
        _ bench: NIOLoopBound<TLSBench>, _ isMet: @escaping @Sendable (TLSBench) -> Bool
    ) async throws {
        try await Self.loop.flatSubmit { bench.value.when { isMet(bench.value) } }.get()
    }

    private func connect(_ bench: NIOLoopBound<TLSBench>, _ context: NIOSSLContext?) async throws {
        try await Self.loop.flatSubmit { bench.value.connect(context) }.get()
    }

    /// Waits until the only connection is refused and gone.
    private func refusal(_ bench: NIOLoopBound<TLSBench>) async throws -> TLSRefusal? {
        try await until(bench) { $0.refusals.count == 1 && $0.listener.connected == 0 }
        try await Self.loop.flatSubmit { bench.value.stop() }.get()
        #expect(try await get(bench) { $0.entrance.connected } == 0)
        let reasons = try await get(bench) { $0.serving.refused }
        let refusals = try await get(bench) { $0.refusals }
        #expect(refusals.map(\.host) == ["127.0.0.1"])
        #expect(refusals.map(\.reason) == Array(reasons.keys), "\(refusals)")
        return refusals.first
    }

    @Test(arguments: [
        (nil, TLSRefusal.Reason.noCertificate, nil), ("foreign", .untrusted, "evcc"),
        ("wrong-purpose", .untrusted, "a server"), ("expired", .expired, "old"),
        ("critical-role", .unknownExtension, "critical, 1.3.6.1.4.1.50316.802.1"),
    ])
    private func `a client without a valid certificate of its own is not let in`(
        _ certificate: String?, _ reason: TLSRefusal.Reason, _ detail: String?
    ) async throws {
        for versions in [2...2, 3...3] {
            let bench = try await bench()
            try await connect(bench, Fixture.client(certificate, versions: versions))
            // In TLS 1.3 a client may send before it knows whether it is let in.
            try await get(bench) { $0.clients[0].send(1, PDU(read: .readHoldingRegisters, address: 0, quantity: 1)) }
            let refusal = try await refusal(bench)
            #expect(refusal?.reason == reason)
            #expect(refusal?.detail == detail)
            #expect(try await get(bench) { $0.queries.isEmpty && $0.clients[0].frames.isEmpty })
        }
    }

    @Test func `every reason is in the document`() throws {
        let root = String(#filePath.split(separator: "/Tests/TransportTLSTests")[0])
        let page = try WholeFile.read("\(root)/docs/tls.md", atMost: 1 << 20)
        for reason in TLSRefusal.Reason.allCases {
            #expect(!page.ranges(of: Array(reason.rawValue.utf8)).isEmpty, "\(reason)")
        }
    }

    @Test func `TLS 1_1 is not spoken`() async throws {
        let bench = try await bench()
        try await connect(bench, Fixture.client("reader", versions: 0...1))
        #expect(try await refusal(bench)?.reason == .version)
    }

    @Test func `a client that does not accept the certificate says so`() async throws {
        let bench = try await bench()
        try await connect(bench, Fixture.client("reader", authority: "foreign-ca"))
        #expect(try await refusal(bench)?.reason == .declined)
    }

    @Test(arguments: [
        TCPFrame(transaction: 1, unit: 1, pdu: PDU(read: .readHoldingRegisters, address: 0, quantity: 1)).bytes,
        Array("GET / HTTP/1.1\r\nHost: broker\r\n\r\n".utf8), [UInt8](repeating: 0xFF, count: 300),
    ])
    private func `bytes that are no TLS close the connection, and are not answered as Modbus`(_ bytes: [UInt8])
        async throws
    {
        let bench = try await bench()
        try await connect(bench, nil)
        try await get(bench) { $0.clients[0].send(bytes) }
        #expect(try await refusal(bench)?.reason == .noTLS)
        #expect(try await get(bench) { $0.queries.isEmpty && $0.clients[0].frames.isEmpty })
    }

    @Test func `a connection that hangs up before it has said anything is counted`() async throws {
        let bench = try await bench()
        try await connect(bench, nil)
        try await get(bench) { $0.clients[0].channel.close(promise: nil) }
        #expect(try await refusal(bench)?.reason == .hungUp)
    }

    @Test func `a handshake that takes too long ends the connection`() async throws {
        let bench = try await bench(handshakeTimeout: .milliseconds(20))
        try await connect(bench, nil)
        #expect(try await refusal(bench)?.reason == .timeout)
        #expect(
            TLSRefusal(host: "::1", reason: .timeout, detail: nil).description == "::1: its handshake took too long")
    }

    @Test func `a connection in its handshake counts as one, and closing does not wait for it`() async throws {
        var limits = ClientAdmission.Limits()
        limits.clients = 1
        let bench = try await bench(limits: limits)
        try await connect(bench, nil)
        try await connect(bench, nil)
        try await until(bench) { $0.clients[1].isClosed }
        #expect(try await get(bench) { [$0.listener.connected, $0.entrance.connected] } == [1, 1])
        try await Self.loop.flatSubmit { bench.value.listener.closeConnections() }.get()
        try await until(bench) { $0.listener.connected == 0 }
        #expect(try await get(bench) { $0.refusals } == [])
        try await Self.loop.flatSubmit { bench.value.stop() }.get()
    }
}
