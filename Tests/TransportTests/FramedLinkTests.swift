import Broker
import Modbus
import NIOCore
import Simulator
import Testing

@testable import Transport

/// A bus on a link over a carrier in memory, in virtual time.
private final class FramedLinkBench {
    static let read = PDU(read: .readHoldingRegisters, address: 3, quantity: 2)
    static let reply = PDU(registers: [17, 4], replyTo: .readHoldingRegisters)

    let carrier: FakeCarrier
    let link: FramedLink
    let timeline = VirtualTimeline()
    private let bus: Bus
    private let log: Log
    private var number: UInt64 = 0
    private let isRTU: Bool

    private final class Log {
        var told: [String] = []
        var discarded: [BrokerEvent.DiscardReason] = []
    }

    init(_ boundaries: CarrierBoundaries, _ framing: Framing, isServer: Bool = true) {
        isRTU = framing == .rtu
        var settings = BusSettings(
            timing: isRTU ? .rtuOverTCP : .modbusTCP, minPeriod: .zero, responseTimeout: .milliseconds(900), retries: 1)
        settings.hasTransactions = !isRTU
        let log = Log()
        let observe: (BrokerEvent) -> Void = {
            if case .discarded(_, _, let reason) = $0 { log.discarded.append(reason) }
        }
        self.log = log
        carrier = FakeCarrier(boundaries, isServer: isServer)
        link = FramedLink(carrier, framing, observe: observe) { event in
            if let text = event.text { log.told.append(text) }
            if case .said(let bytes) = event { log.told.append("said: \(String(decoding: bytes, as: UTF8.self))") }
        }
        bus = Bus(settings: settings, timeline: timeline, link: link, observe: observe)
        link.bus = bus
        carrier.report(.opened())
    }

    var told: [String] { log.told }
    var discarded: [BrokerEvent.DiscardReason] { log.discarded }

    func ask() -> Box {
        number += 1
        let box = Box()
        let query = Query(
            number: number, client: Client(kind: .tcp, name: "TCP:test", address: "test"), unit: 1, pdu: Self.read,
            isRead: true, arrived: timeline.now, deadline: nil)
        bus.submit(query) { box.exchange = $0 }
        timeline.run(until: timeline.now + .milliseconds(20))
        return box
    }

    final class Box {
        var exchange: Exchange?
        var reply: PDU? { if case .success(let frame) = exchange?.result { frame.pdu } else { nil } }
        var error: BrokerError? { if case .failure(let error) = exchange?.result { error } else { nil } }
    }

    /// The reply to the request that was sent last.
    func replyBytes() throws -> [UInt8] {
        let request = try #require(carrier.written.last)
        guard !isRTU else { return RTUFrame(unit: 1, pdu: Self.reply).bytes }
        return TCPFrame(transaction: UInt16(request[0]) << 8 | UInt16(request[1]), unit: 1, pdu: Self.reply).bytes
    }
}

@Suite struct FramedLinkTests {
    private typealias Way = (boundaries: CarrierBoundaries, framing: Framing)

    private static let streams: [Framing] = [.rtu, .mbap]

    @Test(arguments: streams)
    func `a reply is found in pieces that come one by one, also the first of a connection`(
        _ framing: Framing
    ) throws {
        let bench = FramedLinkBench(.stream, framing)
        for _ in 1...2 {
            let asked = bench.ask()
            for byte in try bench.replyBytes() { bench.carrier.receive([byte]) }
            #expect(asked.reply == FramedLinkBench.reply)
        }
        #expect(bench.discarded == [])
    }

    @Test(arguments: streams)
    func `R12 the carrier is told of use by each reply, and of no other bytes`(_ framing: Framing) throws {
        let bench = FramedLinkBench(.stream, framing)
        let asked = bench.ask()
        let reply = try bench.replyBytes()
        bench.carrier.receive(Array(reply.dropLast(2)))
        #expect(bench.carrier.calls == [])
        bench.carrier.receive(Array(reply.suffix(2)))
        #expect(asked.reply != nil && bench.carrier.calls == ["used"])
        bench.carrier.receive(reply)
        #expect(bench.carrier.calls == ["used"])
    }

    @Test(arguments: streams)
    func `the first bytes of a server are told until a reply comes, on each connection anew`(
        _ framing: Framing
    ) throws {
        let bench = FramedLinkBench(.stream, framing)
        // Nothing that begins a frame of Modbus TCP: that would close the connection.
        bench.carrier.receive(Array("lo".utf8))
        bench.carrier.receive(Array("gi".utf8))
        bench.carrier.report(.lost(reason: "gone"))
        bench.carrier.report(.opened())
        let asked = bench.ask()
        bench.carrier.receive(try bench.replyBytes())
        #expect(asked.reply != nil)
        bench.carrier.receive(Array("no".utf8))
        #expect(bench.told == ["opened", "said: lo", "said: logi", "lost: gone", "opened"])
    }

    @Test func `a repetition that goes to another connection is answered there, and no query that waits is lost`()
        throws
    {
        let bench = FramedLinkBench(.stream, .mbap)
        let asked = [bench.ask(), bench.ask()]
        // The first part of a reply that stays behind with its connection.
        bench.carrier.receive(Array(try bench.replyBytes().prefix(9)))
        let carrier = bench.carrier
        carrier.whenWriting = { carrier.report(.replaced(reason: "it left a request unanswered")) }
        let attempts = carrier.written.count
        bench.timeline.run(until: bench.timeline.now + .seconds(1))
        #expect(carrier.written.count == attempts + 1)
        for box in asked {
            carrier.receive(try bench.replyBytes())
            bench.timeline.run(until: bench.timeline.now + .milliseconds(20))
            #expect(box.reply == FramedLinkBench.reply)
        }
        #expect(bench.told.suffix(1) == ["replaced: it left a request unanswered"])
    }

    @Test func `a port of our own is no server, and its first bytes are not told`() {
        let bench = FramedLinkBench(.stream, .rtu, isServer: false)
        bench.carrier.receive(Array("login: ".utf8))
        #expect(bench.told == ["opened"])
    }

    @Test func `what is no Modbus TCP closes the connection; it is told before the loss, and the next begins anew`()
        throws
    {
        let bench = FramedLinkBench(.stream, .mbap)
        let lost = bench.ask()
        let words = "HTTP/1.1 400 Bad Request\r\n"
        bench.carrier.receive(Array(words.utf8))
        let reason = "what it sends is no Modbus TCP"
        #expect(bench.carrier.calls == ["close: \(reason)"])
        #expect(bench.told == ["opened", "said: \(words)", "lost: \(reason)"])
        #expect(bench.discarded == [.noise])
        #expect(lost.error == .unavailable)
        bench.carrier.report(.opened())
        let asked = bench.ask()
        bench.carrier.receive(try bench.replyBytes())
        #expect(asked.reply == FramedLinkBench.reply)
    }

    @Test func `what has come of a frame is forgotten with its connection`() throws {
        let bench = FramedLinkBench(.stream, .mbap)
        _ = bench.ask()
        bench.carrier.receive(Array(try bench.replyBytes().prefix(5)))
        bench.carrier.report(.lost(reason: "gone"))
        bench.carrier.report(.opened())
        let asked = bench.ask()
        bench.carrier.receive(try bench.replyBytes())
        #expect(asked.reply == FramedLinkBench.reply)
    }

    @Test func `a datagram is a whole frame of Modbus TCP, or none, which is told each time by itself`() throws {
        let bench = FramedLinkBench(.datagram, .mbap)
        let asked = bench.ask()
        let reply = try bench.replyBytes()
        for bytes in [Array(reply.dropLast()), Array("one".utf8), reply, Array("two".utf8)] {
            bench.carrier.receive(bytes)
        }
        #expect(asked.reply == FramedLinkBench.reply)
        #expect(bench.told.suffix(2) == ["said: one", "said: two"])
        #expect(bench.discarded == [.noise, .noise, .noise])
    }

    @Test func `datagrams of RTU are the bytes of a line`() throws {
        let bench = FramedLinkBench(.datagram, .rtu)
        let asked = bench.ask()
        let reply = try bench.replyBytes()
        bench.carrier.receive(Array(reply.prefix(4)))
        bench.carrier.receive(Array(reply.dropFirst(4)))
        #expect(asked.reply == FramedLinkBench.reply)
    }

    @Test func `R12 what happens to the carrier is told to the bus first`() {
        let bench = FramedLinkBench(.stream, .rtu)
        let waiting = bench.ask()
        bench.carrier.report(.lost(reason: "gone"))
        #expect(waiting.error == .unavailable)
        #expect(bench.ask().error == .unavailable)
        bench.carrier.report(.notOpened(reason: "refused"))
        #expect(bench.told == ["opened", "lost: gone", "not opened: refused"])
        bench.link.reopen()
        #expect(bench.carrier.calls == ["reopen"])
    }
}
