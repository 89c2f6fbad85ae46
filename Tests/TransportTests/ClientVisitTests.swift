import Broker
import NIOCore
import Testing

@testable import Transport

@Suite struct ClientVisitTests {
    enum Kind: CaseIterable {
        case tcp, rtuTCP, udp, rtuUDP

        func listener(_ entrance: ClientEntrance) -> any Listener {
            switch self {
            case .tcp: StreamListener(host: "127.0.0.1", port: 0, entrance, Framing.mbap)
            case .rtuTCP: StreamListener(host: "127.0.0.1", port: 0, entrance, Framing.rtu)
            case .udp: DatagramListener(host: "127.0.0.1", port: 0, entrance, .mbap)
            case .rtuUDP: DatagramListener(host: "127.0.0.1", port: 0, entrance, .rtu)
            }
        }

        var name: String {
            switch self {
            case .tcp: "TCP"
            case .udp: "UDP"
            case .rtuTCP, .rtuUDP: "RTU"
            }
        }

        var isOfDatagrams: Bool { self == .udp || self == .rtuUDP }

        /// To a read of one register.
        var lengthOfReply: Int { self == .tcp || self == .udp ? 11 : 7 }

        func request(_ address: UInt16) -> [UInt8] {
            self == .tcp || self == .udp ? Sample.tcp(address) : Sample.rtu(address)
        }
    }

    private func started(_ kind: Kind) async throws -> NIOLoopBound<EntranceBench> {
        let loop = EntranceBench.loop
        let bench = try await loop.submit { NIOLoopBound(EntranceBench(), eventLoop: loop) }.get()
        try await on(bench) { $0.start { kind.listener($0) } }
        return bench
    }

    /// A client that has asked as often as that.
    private func client(
        _ bench: NIOLoopBound<EntranceBench>, _ kind: Kind, requests: Int
    ) async throws -> NIOLoopBound<NetworkPeer> {
        let peer = try await now(bench) { NIOLoopBound($0.newPeer(), eventLoop: EntranceBench.loop) }
        let port = try await now(bench) { $0.port }
        try await on(peer) { kind.isOfDatagrams ? $0.bindUDP() : $0.connectTCP(port) }
        for address in 0..<requests {
            try await now(peer) { peer in
                let request = kind.request(UInt16(address))
                if kind.isOfDatagrams { peer.send(request, toPort: port) } else { peer.send(request) }
            }
            try await on(bench) { $0.whenAsked(1) }
            try await now(bench) { try $0.backend.answerOldest() }
            // What a client leaves unread makes its end a reset.
            _ = try await on(peer) { $0.received(kind.lengthOfReply) }
        }
        return peer
    }

    private func left(_ event: ClientEvent?) -> ClientEvent.Stay? {
        if case .left(_, let stay) = event { stay } else { nil }
    }

    @Test(arguments: [Kind.tcp, .rtuTCP])
    func `who closes the connection was there, with its requests`(_ kind: Kind) async throws {
        let bench = try await started(kind)
        let peer = try await client(bench, kind, requests: 3)
        let port = try await now(peer) { $0.localPort }
        try await on(peer) { $0.close() }
        let events = try await on(bench) { $0.whenVisited(2) }
        #expect(events.map(\.client.name) == Array(repeating: "\(kind.name):127.0.0.1:\(port)", count: 2))
        #expect(left(events.first) == nil)
        #expect(left(events.last)?.requests == 3)
        #expect(left(events.last)?.reason == "closed by the client")
        try await on(bench) { $0.stop() }
        #expect(try await now(bench) { $0.visits.count } == 2)
    }

    @Test(arguments: Kind.allCases)
    func `whoever is there when the listener closes goes for that`(_ kind: Kind) async throws {
        let bench = try await started(kind)
        _ = try await client(bench, kind, requests: 1)
        try await on(bench) { bench in
            guard let listener = bench.listener else { return EntranceBench.loop.makeSucceededVoidFuture() }
            return listener.closeConnections()
        }
        let events = try await on(bench) { $0.whenVisited(2) }
        #expect(left(events.last)?.reason == "the listener is closed")
        #expect(left(events.last)?.requests == 1)
        try await on(bench) { $0.stop() }
    }

    @Test func `what is no Modbus TCP is the reason of its end`() async throws {
        let bench = try await started(.tcp)
        let peer = try await client(bench, .tcp, requests: 0)
        try await on(peer) { $0.send(Array("GET / HTTP/1.1\r\n\r\n".utf8)) }
        let events = try await on(bench) { $0.whenVisited(2) }
        #expect(left(events.last)?.reason == "what it sends is no Modbus TCP")
        try await on(bench) { $0.stop() }
    }
}
