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
        try await on(bench) { $0.start { StreamListener(host: "127.0.0.1", port: port, $0, Framing.mbap) } }
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
        #expect(closed.map(\.descriptor) == [unfit.descriptor, deaf.descriptor])
        #expect(sockets.keepOnly(at: []).count == 2)
    }

    @Test(arguments: [
        (AF_INET, SOCK_DGRAM, "is of UDP and is closed; expected listening sockets of TCP. Remove ListenDatagram="),
        (AF_UNIX, SOCK_STREAM, "is a Unix socket and is closed; expected listening sockets of TCP, as by ListenStream"),
        (AF_INET, SOCK_STREAM, "is none that listens for TCP clients and is closed; expected one, as by ListenStream="),
    ])
    func `a socket that no listener can take is told by what it is, with what helps`(
        domain: Int32, type: __socket_type, words: String
    ) throws {
        let descriptor = Glibc.socket(domain, Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let sockets = HandedSockets([HandedSocket(descriptor: descriptor, name: "x.socket")])
        let closed = try #require(sockets.keepOnly(at: [("127.0.0.1", 5020)]).first)
        let refusal = closed.refusal(configured: ["127.0.0.1:5020"])
        #expect(refusal.hasPrefix("the socket that was handed over as descriptor \(descriptor) (x.socket) \(words)"))
    }

    @Test(arguments: [
        ("LISTEN_FDS", "abc", "expected how many sockets are handed over, 1 to 1024; no socket is taken"),
        ("LISTEN_FDS", "-1", "expected how many sockets are handed over, 1 to 1024; no socket is taken"),
        ("LISTEN_FDS", "0", "expected how many sockets are handed over, 1 to 1024; no socket is taken"),
        ("LISTEN_FDS", "99999999999", "expected how many sockets are handed over, 1 to 1024; no socket is taken"),
        ("LISTEN_PID", "me", "expected the number of a process, 77 for this one; no socket is taken"),
    ])
    func `a variable that can mean nothing is told once, with its value`(name: String, value: String, words: String) {
        let environment = ["LISTEN_PID": "77", "LISTEN_FDS": "1"].merging([name: value]) { $1 }
        var told: [String] = []
        #expect(HandedSocket.handed(by: environment, to: 77) { told.append($0) }.isEmpty)
        #expect(told == ["\(name) \"\(value)\": \(words)"])
    }

    @Test func `sockets for another process are none of ours, and nothing is told`() {
        for environment in [["LISTEN_PID": "78", "LISTEN_FDS": "abc"], ["LISTEN_FDS": "1"], ["LISTEN_PID": "77"]] {
            let handed = HandedSocket.handed(by: environment, to: 77) { Issue.record("\($0)") }
            #expect(handed.isEmpty)
        }
    }
}
