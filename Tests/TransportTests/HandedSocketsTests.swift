import Glibc
import NIOCore
import Testing

@testable import Transport

@Suite struct HandedSocketsTests {
    /// A socket at a port that the system chose.
    private static func listening(backlog: Int32 = 8) throws -> (socket: HandedSocket, port: Int) {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let bound = try SocketAddress(ipAddress: "127.0.0.1", port: 0).withSockAddr {
            Glibc.bind(descriptor, $0, socklen_t($1))
        }
        try #require(bound == 0)
        if backlog > 0 { try #require(Glibc.listen(descriptor, backlog) == 0) }
        let socket = HandedSocket(descriptor: descriptor, name: "x.socket")
        if backlog == 0 { return (socket, 0) }
        return (socket, try #require(socket.address?.port))
    }

    @Test func `a listener takes the socket of its address, and again after it had stopped`() async throws {
        let loop = EntranceBench.loop
        let (socket, port) = try Self.listening()
        let bench = try await loop.submit {
            NIOLoopBound(EntranceBench(sockets: HandedSockets([socket])), eventLoop: loop)
        }.get()
        try await on(bench) { $0.start { ModbusTCPListener(host: "127.0.0.1", port: port, $0) } }
        for count in 1...3 {
            try await on(bench) { bench in
                let peer = bench.newPeer()
                let asking = NIOLoopBound(peer, eventLoop: loop)
                return peer.connectTCP(port).flatMap { asking.value.send(Sample.tcp(UInt16(count))) }
            }
            try await on(bench) { $0.whenAsked(count) }
            guard count < 3 else { break }
            try await on(bench) { $0.listener?.stopAccepting() ?? loop.makeSucceededVoidFuture() }
            try await on(bench) { $0.startAgain() }
            #expect(try await now(bench) { $0.port } == port)
        }
        try await on(bench) { $0.stop() }
        close(socket.descriptor)
    }

    @Test func `only those that fit a listener are kept`() async throws {
        let (kept, keptPort) = try Self.listening()
        let (named, namedPort) = try Self.listening()
        let (unfit, unfitPort) = try Self.listening()
        let (deaf, _) = try Self.listening(backlog: 0)
        let sockets = HandedSockets([kept, named, unfit, deaf])
        let closed = sockets.keepOnly(at: [("127.0.0.1", keptPort), ("localhost", namedPort), ("0.0.0.0", unfitPort)])
        #expect(
            closed == [
                "127.0.0.1:\(unfitPort) (x.socket)",
                "descriptor \(deaf.descriptor), which is no listening TCP socket (x.socket)",
            ])
        #expect(sockets.keepOnly(at: []).count == 2)
    }
}
