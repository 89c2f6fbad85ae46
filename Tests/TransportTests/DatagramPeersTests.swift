import Broker
import Modbus
import NIOCore
import NIOEmbedded
import Testing

@testable import Transport

@Suite struct DatagramPeersTests {
    private let loop = EmbeddedEventLoop()

    private final class Sent { var datagrams: [[UInt8]] = [] }

    private let sent = Sent()

    private func bench(clients: Int = 1024) -> (EntranceBench, DatagramPeers) {
        var limits = ClientAdmission.Limits()
        limits.clients = clients
        let bench = EntranceBench(loop, limits: limits)
        let peers = DatagramPeers(
            bench.entrance, timeline: EventLoopTimeline(loop), isRequest: { TCPFrame(datagram: $0) != nil }
        ) { [sent] address in
            ModbusUDPPeer(bench.entrance, address) { sent.datagrams.append($0) }
        }
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
        let bench = EntranceBench(loop, rules: rules)
        var looked = 0
        let peers = DatagramPeers(
            bench.entrance, timeline: EventLoopTimeline(loop),
            isRequest: { _ in
                looked += 1
                return false
            }, makePeer: { ModbusUDPPeer(bench.entrance, $0) { _ in } })
        for port in 1...3 { peers.received(ByteBuffer(bytes: [0]), from: try address(port)) }
        #expect(looked == 0)
        #expect(bench.admission.refused == [.address: 3])
        #expect(bench.entrance.invalid == 0)
        bench.entrance.rules.deny = []
        peers.received(ByteBuffer(bytes: [0]), from: try address(1))
        #expect(looked == 1)
        #expect(bench.entrance.invalid == 1)
        #expect(bench.admission.connected == 0)
    }

    @Test func `of 20 requests at once 16 are worked on, and the others are dropped and counted`() throws {
        let (bench, peers) = bench()
        for transaction in 1...20 { peers.received(request(UInt16(transaction)), from: try address(1)) }
        #expect(bench.backend.waiting.count == 16)
        #expect(bench.entrance.dropped == 4)
    }

    @Test func `a datagram of RTU lets somebody in if there is a request in it`() throws {
        let shapes = FunctionShapes()
        let opaque = RTUFrame(unit: 1, pdu: try PDU([0x64, 1, 2, 3])).bytes
        for bytes in [Sample.rtu(1), Sample.rtu(1) + Sample.rtu(2), Array("boot".utf8) + Sample.rtu(1), opaque] {
            #expect(RTUOverUDPPeer.holdsRequest(ByteBuffer(bytes: bytes), shapes))
        }
        for bytes in [[], Array(Sample.rtu(1).dropLast()), Sample.tcp(1)] {
            #expect(!RTUOverUDPPeer.holdsRequest(ByteBuffer(bytes: bytes), shapes))
        }
    }
}
