import Broker
import Modbus
import Simulator
import Testing

@testable import Tools

struct TapReaderProperties {
    private func check(_ settings: TapWorld.Settings, seeds: ClosedRange<UInt64>, atLeast: Int = 30) {
        var crossings = 0
        for seed in seeds {
            let world = TapWorld(settings, seed: seed)
            world.run()
            if world.hasCrossing {
                crossings += 1
                continue
            }
            #expect(world.had.count >= atLeast, "seed \(seed)")
            #expect(world.seen == world.had, "seed \(seed)")
            #expect(world.openCount == 0, "seed \(seed)")
            #expect(world.counts.exchanges == world.had.count { $0.reply != nil }, "seed \(seed)")
        }
        #expect(crossings <= 1)
    }

    @Test func `every exchange of a dongle and a unit is seen once, as it was`() {
        check(.init(), seeds: 1...20)
    }

    @Test func `also with lost replies and noise around replies`() {
        check(.init(loss: 0.1, noise: 0.1), seeds: 1...20)
    }

    @Test func `also where requests are glued together`() {
        check(.init(noise: 0.05, gluing: 0.3), seeds: 1...20)
    }

    @Test func `also with a tap for each direction`() {
        check(.init(loss: 0.1, noise: 0.1, isSingle: false), seeds: 1...20)
        check(.init(gluing: 0.3, isSingle: false), seeds: 1...20)
    }

    @Test func `listening may begin in the middle of a frame`() {
        for seed in UInt64(1)...60 {
            var random = RandomSource(seed: seed)
            var settings = TapWorld.Settings(loss: 0.05, noise: 0.05, isSingle: !seed.isMultiple(of: 3))
            settings.deafFor = Int.random(in: 100...3000, using: &random)
            let world = TapWorld(settings, seed: seed)
            world.run()
            #expect(world.had.count >= 10, "seed \(seed)")
            #expect(Array(world.seen.suffix(world.had.count)) == world.had, "seed \(seed)")
            // The one that was cut.
            #expect(world.seen.count <= world.had.count + 1, "seed \(seed)")
        }
    }

    @Test func `bytes that are no traffic are all noise, and nothing is held for ever`() {
        for seed in UInt64(1)...20 {
            var random = RandomSource(seed: seed)
            var reader = TapReaderTests.reader()
            var now = Instant.start
            for _ in 0..<500 {
                let bytes = (0..<Int.random(in: 1...40, using: &random)).map { _ in
                    UInt8(truncatingIfNeeded: random.next())
                }
                _ = reader.received(bytes, on: .both, at: now)
                now = now + .milliseconds(Int.random(in: 0...60, using: &random))
            }
            _ = reader.advance(to: now + .seconds(10))
            #expect(reader.wake == nil, "seed \(seed)")
            #expect(reader.counts.exchanges == 0, "seed \(seed)")
        }
    }
}

struct TapReaderTests {
    static func reader(isSingle: Bool = true) -> TapReader {
        TapReader(
            client: Client(kind: .dongle, name: "TAP", address: "TAP"), isSingle: isSingle,
            timing: LineTiming(baud: 9600, bitsPerCharacter: 10))
    }

    private let write = RTUFrame(unit: 1, pdu: PDU(write: .writeSingleRegister, address: 5, value: 9))

    private func at(_ milliseconds: Int) -> Instant { .start + .milliseconds(milliseconds) }

    @Test func `a write and its reply look alike, and are one exchange`() {
        var reader = Self.reader()
        _ = reader.received(write.bytes, on: .both, at: at(0))
        _ = reader.received(write.bytes, on: .both, at: at(60))
        #expect(reader.counts.exchanges == 1 && reader.counts.unanswered == 0)
        #expect(reader.wake == nil)
    }

    @Test func `a write that is repeated because nobody answers is two requests`() {
        var reader = Self.reader()
        for time in [0, 700] { _ = reader.received(write.bytes, on: .both, at: at(time)) }
        _ = reader.received(write.bytes, on: .both, at: at(760))
        #expect(reader.counts.exchanges == 1 && reader.counts.unanswered == 1)
    }

    @Test func `a function of unknown layout is known by the silences around it`() throws {
        var reader = Self.reader()
        let request = RTUFrame(unit: 1, pdu: try PDU([0x65, 1, 2, 3]))
        let reply = RTUFrame(unit: 1, pdu: try PDU([0x65, 9, 9, 9, 9, 9]))
        for number in 0..<3 {
            let time = number * 1000
            _ = reader.advance(to: at(time))
            _ = reader.received(request.bytes, on: .both, at: at(time))
            _ = reader.advance(to: at(time + 30))
            _ = reader.received(reply.bytes, on: .both, at: at(time + 60))
            _ = reader.advance(to: at(time + 100))
        }
        #expect(reader.counts.exchanges == 3)
        #expect(reader.counts.noise == 0)
    }

    @Test func `a reply of no request is a stray frame`() {
        var reader = Self.reader()
        let reply = RTUFrame(unit: 1, pdu: PDU(registers: [1, 2, 3], replyTo: .readInputRegisters))
        let events = reader.received(reply.bytes, on: .both, at: at(0))
        guard case .discarded(reply.bytes, from: .line, reason: .foreign)? = events.first else {
            Issue.record("\(events)")
            return
        }
        #expect(reader.counts.strayFrames == 1)
    }

    @Test func `a broadcast has no reply and is not missed one`() {
        var reader = Self.reader()
        let broadcast = RTUFrame(unit: 0, pdu: PDU(write: .writeSingleRegister, address: 5, value: 9))
        _ = reader.received(broadcast.bytes, on: .both, at: at(0))
        #expect(reader.counts.unanswered == 0 && reader.wake == nil)
    }
}

struct TapArrivalTests {
    private let request = RTUFrame(unit: 1, pdu: PDU(read: .readInputRegisters, address: 3000, quantity: 2))
    private let other = RTUFrame(unit: 1, pdu: PDU(read: .readHoldingRegisters, address: 0, quantity: 1))
    private let reply: RTUFrame
    private let otherReply: RTUFrame

    init() throws {
        reply = RTUFrame(unit: 1, pdu: try PDU([0x04, 4, 0, 1, 0, 2]))
        otherReply = RTUFrame(unit: 1, pdu: try PDU([0x03, 2, 0, 7]))
    }

    private func exchanges(_ events: [BrokerEvent]) -> [Exchange] {
        events.compactMap { if case .finished(let exchange, _) = $0 { exchange } else { nil } }
    }

    @Test func `a reply that is held with a foreign frame has the time at which it came`() throws {
        var reader = TapReaderTests.reader()
        let foreign: [UInt8] = [
            0x01, 0x20, 0x02, 0x01, 0x5A, 0xBB, 0x39, 0x10, 0x41, 0xD7, 0x8A, 0x31, 0xBA, 0x41, 0x43, 0x91, 0xC8, 0x02,
            0x00,
            0x00, 0x00, 0xD5, 0x02, 0x00, 0x00, 0x39, 0xFE,
        ]
        var events = reader.received(foreign, on: .both, at: .start)
        events += reader.received(request.bytes, on: .both, at: .start + .milliseconds(60))
        events += reader.received(reply.bytes, on: .both, at: .start + .milliseconds(110))
        events += reader.advance(to: .start + .milliseconds(600))
        let exchange = try #require(exchanges(events).first)
        #expect(exchange.query.arrived == .start + .milliseconds(60))
        #expect(exchange.finished == .start + .milliseconds(110))
    }

    @Test func `two taps that nobody has read for a while lose nothing`() {
        var reader = TapReaderTests.reader(isSingle: false)
        let events = reader.received(
            requests: request.bytes + other.bytes + request.bytes + other.bytes + request.bytes,
            replies: reply.bytes + otherReply.bytes + reply.bytes + otherReply.bytes
                + reply.bytes,
            at: .start + .seconds(1))
        #expect(exchanges(events).count == 5)
        #expect(reader.counts.exchanges == 5)
        #expect(reader.counts.unanswered == 0)
        #expect(reader.counts.strayFrames == 0)
    }

    @Test func `a request that comes with the reply to the one before ends nothing`() {
        var reader = TapReaderTests.reader(isSingle: false)
        _ = reader.received(requests: request.bytes, replies: [], at: .start)
        _ = reader.received(requests: other.bytes, replies: reply.bytes, at: .start + .milliseconds(700))
        _ = reader.received(requests: [], replies: otherReply.bytes, at: .start + .milliseconds(750))
        #expect(reader.counts.exchanges == 2)
        #expect(reader.counts.unanswered == 0)
    }

    @Test func `a request without answer before a stall costs no exchange behind it`() {
        var reader = TapReaderTests.reader(isSingle: false)
        let silent = RTUFrame(unit: 9, pdu: PDU(read: .readInputRegisters, address: 3000, quantity: 2))
        _ = reader.received(requests: silent.bytes, replies: [], at: .start)
        let asked = (0..<6).flatMap { _ in request.bytes + silent.bytes + other.bytes }
        let answered = (0..<6).flatMap { _ in reply.bytes + otherReply.bytes }
        _ = reader.received(requests: asked, replies: answered, at: .start + .seconds(2))
        _ = reader.end(at: .start + .seconds(9))
        #expect(reader.counts.exchanges == 12)
        #expect(reader.counts.unanswered == 7)
        #expect(reader.counts.strayFrames == 0)
    }

    @Test func `a reply whose first part was read before the stall is whole`() {
        var reader = TapReaderTests.reader(isSingle: false)
        _ = reader.received(requests: request.bytes, replies: Array(reply.bytes.prefix(3)), at: .start)
        _ = reader.received(
            requests: other.bytes, replies: Array(reply.bytes.dropFirst(3)) + otherReply.bytes,
            at: .start + .milliseconds(2))
        #expect(reader.counts.exchanges == 2)
        #expect(reader.counts.strayFrames == 0)
    }
}
