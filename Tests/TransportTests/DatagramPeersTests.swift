import Broker
import Modbus
import NIOCore
import NIOEmbedded
import Testing

@testable import Transport

@Suite struct DatagramPeersTests {
    private static let settings = ClientSettings(
        clientTimeout: .seconds(5), serialTimeout: .seconds(2),
        serialTiming: LineTiming(baud: 9600, bitsPerCharacter: 10))

    private let loop = EmbeddedEventLoop()

    private final class Sent {
        var datagrams: [[UInt8]] = []
    }

    private let sent = Sent()

    private func bench(clients: Int = 1024) -> (EntranceBench, DatagramPeers) {
        var limits = ClientAdmission.Limits()
        limits.clients = clients
        let bench = EntranceBench(loop, limits: limits, settings: Self.settings)
        let peers = DatagramPeers(bench.entrance, .mbap) { [sent] reply, _ in sent.datagrams.append(reply) }
        return (bench, peers)
    }

    private func address(_ port: Int) throws -> SocketAddress { try SocketAddress(ipAddress: "10.0.0.1", port: port) }

    private func request(_ transaction: UInt16) -> ByteBuffer { ByteBuffer(bytes: Sample.tcp(transaction)) }

    @Test func `a client is forgotten after a minute without a datagram, and not before`() throws {
        let (bench, peers) = bench()
        peers.received(request(1), from: try address(1))
        try bench.backend.answerOldest()
        loop.advanceTime(by: .seconds(59))
        peers.received(request(2), from: try address(2))
        try bench.backend.answerOldest()
        #expect(peers.count == 2)
        loop.advanceTime(by: .seconds(1))
        #expect(peers.count == 1)
        #expect(bench.admission.connected == 1)
        loop.advanceTime(by: .seconds(58))
        peers.received(request(3), from: try address(2))
        try bench.backend.answerOldest()
        loop.advanceTime(by: .seconds(59))
        #expect(peers.count == 1)
        loop.advanceTime(by: .seconds(1))
        #expect(bench.admission.connected == 0)
        // The first one after all were forgotten is forgotten too.
        peers.received(request(4), from: try address(1))
        try bench.backend.answerOldest()
        loop.advanceTime(by: .seconds(61))
        #expect(peers.count == 0)
    }

    @Test func `a client that waits for an answer is not forgotten`() throws {
        let (bench, peers) = bench()
        peers.received(request(1), from: try address(1))
        loop.advanceTime(by: .seconds(200))
        #expect(peers.count == 1)
        try bench.backend.answerOldest()
        #expect(sent.datagrams == [Sample.tcpReply(1)])
        loop.advanceTime(by: .seconds(1))
        #expect(peers.count == 0)
    }

    @Test func `a client whose address may not come in any more is heard no more, and waits for nothing`() throws {
        let (bench, peers) = bench()
        peers.received(request(1), from: try address(1))
        bench.entrance.rules.deny = [AddressBlock(bytes: [10, 0, 0, 0], length: 8)]
        peers.received(request(2), from: try address(1))
        #expect(peers.count == 0)
        #expect(bench.backend.withdrawn.count == 1)
        #expect(bench.admission.connected == 0)
        #expect(bench.admission.refused == [.address: 1])
    }

    @Test func `there are as many clients as the admission has places, whatever the sender's address is`() throws {
        let (bench, peers) = bench(clients: 3)
        for port in 1...50 { peers.received(request(1), from: try address(port)) }
        #expect(peers.count == 3)
        #expect(bench.backend.waiting.count == 3)
        #expect(bench.admission.refused == [.full: 47])
        peers.closeAll()
        #expect(bench.admission.connected == 0)
        #expect(bench.backend.withdrawn.count == 3)
    }

    @Test(arguments: [
        [], [0], Array(Sample.tcp(1).dropLast()), Sample.tcp(1) + [0], Sample.tcp(1) + Sample.tcp(2),
        Array("GET / HTTP/1.1\r\n\r\n".utf8),
    ])
    func `a datagram that is not exactly one frame is dropped and counted, and takes no place`(bytes: [UInt8]) throws {
        let (bench, peers) = bench()
        peers.received(ByteBuffer(bytes: bytes), from: try address(1))
        #expect(peers.count == 0)
        #expect(bench.entrance.invalid == 1)
        peers.received(request(1), from: try address(1))
        peers.received(ByteBuffer(bytes: bytes), from: try address(1))
        #expect(bench.entrance.invalid == 2)
        #expect(bench.backend.waiting.count == 1)
    }

    @Test func `what comes from an address that may not come in is not even looked at`() throws {
        let rules = AddressRules(deny: [AddressBlock(bytes: [10, 0, 0, 0], length: 8)])
        let bench = EntranceBench(loop, rules: rules, settings: Self.settings)
        let peers = DatagramPeers(bench.entrance, .mbap) { _, _ in }
        for port in 1...3 { peers.received(ByteBuffer(bytes: [0]), from: try address(port)) }
        #expect(bench.firsts.isEmpty)
        #expect(bench.admission.refused == [.address: 3])
        #expect(bench.entrance.invalid == 0)
        bench.entrance.rules.deny = []
        peers.received(ByteBuffer(bytes: [0]), from: try address(1))
        #expect(bench.firsts == [[0]])
        #expect(bench.entrance.invalid == 1)
        #expect(bench.admission.connected == 0)
    }

    @Test func `of 20 requests at once 16 are worked on, and the others are dropped and counted`() throws {
        let (bench, peers) = bench()
        for transaction in 1...20 { peers.received(request(UInt16(transaction)), from: try address(1)) }
        #expect(bench.backend.waiting.count == 16)
        #expect(bench.entrance.dropped == 4)
    }

    private func write(_ transaction: UInt16, _ value: UInt8) throws -> [UInt8] {
        TCPFrame(transaction: transaction, unit: 1, pdu: try PDU([6, 0, 45, 0, value])).bytes
    }

    @Test func `R9 a reply that comes back is no request: the write is done once, and what came is counted`() throws {
        let (bench, peers) = bench()
        let datagram = ByteBuffer(bytes: try write(1, 7))
        peers.received(datagram, from: try address(1))
        bench.backend.confirmOldest()
        #expect(sent.datagrams == [try write(1, 7)])
        for _ in 0..<3 { peers.received(datagram, from: try address(1)) }
        #expect(bench.backend.waiting.isEmpty)
        #expect(bench.admission.refused == [.reflected: 3])
        #expect(bench.entrance.dropped == 3)
        // Of somebody else it is a request, and so is another of its own.
        peers.received(datagram, from: try address(2))
        peers.received(ByteBuffer(bytes: try write(2, 7)), from: try address(1))
        #expect(bench.backend.waiting.count == 2)
    }

    @Test func `R9 several replies that come back are no requests either`() throws {
        let (bench, peers) = bench()
        for number in 1...16 as ClosedRange<UInt16> {
            peers.received(ByteBuffer(bytes: try write(number, 7)), from: try address(1))
        }
        for _ in 1...16 { bench.backend.confirmOldest() }
        for reply in sent.datagrams { peers.received(ByteBuffer(bytes: reply), from: try address(1)) }
        #expect(bench.backend.waiting.isEmpty)
        #expect(bench.admission.refused == [.reflected: 16])
    }

    @Test func `the same write is a request once more when its client has waited as long as clients do`() throws {
        let (bench, peers) = bench()
        let datagram = ByteBuffer(bytes: try write(1, 7))
        peers.received(datagram, from: try address(1))
        bench.backend.confirmOldest()
        loop.advanceTime(by: .nanoseconds(4_999_999_999))
        peers.received(datagram, from: try address(1))
        #expect(bench.backend.waiting.isEmpty)
        loop.advanceTime(by: .nanoseconds(1))
        peers.received(datagram, from: try address(1))
        #expect(bench.backend.waiting.count == 1)
    }

    @Test func `of the replies to a client 64 are remembered, and none that answers a read`() throws {
        var replies = RecentReplies()
        for number in 0...64 as ClosedRange<UInt8> { replies.note([number], until: .start + .seconds(1)) }
        #expect(!replies.contains(ByteBuffer(bytes: [0]), at: .start))
        #expect(replies.contains(ByteBuffer(bytes: [1]), at: .start))
        #expect(replies.contains(ByteBuffer(bytes: [64]), at: .start))
        #expect(Framing.mbap.answersWrite(try write(1, 7)))
        #expect(!Framing.mbap.answersWrite(Sample.tcpReply(1)))
        #expect(Framing.rtu.answersWrite([1, 6, 0, 45, 0, 7, 0, 0]))
        #expect(!Framing.rtu.answersWrite(Sample.rtuReply(1)))
    }

    @Test(arguments: [
        ("10.0.0.1", "10.0.0.1", 5020, true), ("10.0.0.1", "10.0.0.1", 5021, false),
        ("10.0.0.1", "127.0.0.1", 5020, false), ("0.0.0.0", "127.0.0.1", 5020, true),
        ("0.0.0.0", "127.1.2.3", 5020, true), ("0.0.0.0", "10.0.0.2", 5020, false), ("::", "::1", 5020, true),
        ("::", "::ffff:127.0.0.1", 5020, true), ("::", "fd00::1", 5020, false), ("::1", "::1", 5020, true),
    ])
    func `the listener's own address is no client's`(own: String, sender: String, port: Int, isOwn: Bool) throws {
        let local = try SocketAddress(ipAddress: own, port: 5020)
        #expect(try SocketAddress(ipAddress: sender, port: port).isSocket(boundTo: local) == isOwn)
    }

    @Test func `a datagram of RTU lets somebody in if there is a request in it`() throws {
        let opaque = RTUFrame(unit: 1, pdu: try PDU([0x64, 1, 2, 3])).bytes
        for bytes in [Sample.rtu(1), Sample.rtu(1) + Sample.rtu(2), Array("boot".utf8) + Sample.rtu(1), opaque] {
            #expect(Framing.rtu.isRequest(ByteBuffer(bytes: bytes)))
        }
        for bytes in [[], Array(Sample.rtu(1).dropLast()), Sample.tcp(1)] {
            #expect(!Framing.rtu.isRequest(ByteBuffer(bytes: bytes)))
        }
    }
}
