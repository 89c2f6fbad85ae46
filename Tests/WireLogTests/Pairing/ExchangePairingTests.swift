@testable import WireLog
import Modbus
import Testing
import TestSupport

@Suite("Pairing replies with requests")
struct ExchangePairingTests {
    @Test func `a reply of the prototype belongs to the request, whatever its own address says`() throws {
        let (all, counts) = try exchanges(
            Prototype.request(readHolding(100, 2), at: 0) + Prototype.reply(holding(7, 8), at: 40))
        let exchange = try #require(all.first)
        #expect(all.count == 1)
        #expect(exchange.request.word(at: 1) == 100)
        #expect(exchange.reply?.bytes == holding(7, 8))
        #expect(exchange.replyTime == 40_000)
        #expect(exchange.outcome == .ok)
        #expect(counts.strayReplies == 0)
    }

    @Test func `a late reply of the prototype is not taken for the answer to the next request`() throws {
        let (all, counts) = try exchanges(
            Prototype.request(readHolding(0, 3), at: 0) + Prototype.timeout(at: 1500)
                + Prototype.request(readHolding(50, 1), at: 2000) + Prototype.reply(holding(1, 2, 3), at: 2100)
                + Prototype.reply(holding(9), at: 2200))
        #expect(all.map(\.outcome) == [.timeout, .ok])
        #expect(all.last?.reply?.bytes == holding(9))
        #expect(counts.strayReplies == 1)
    }

    @Test func `a request of the prototype whose reply line is missing takes none of the next one's`() throws {
        let (all, counts) = try exchanges(
            Prototype.request(readHolding(0, 1), at: 0) + Prototype.request(readHolding(50, 1), at: 2000)
                + Prototype.reply(holding(9), at: 2100))
        let answered = try #require(all.first { $0.reply != nil })
        #expect(answered.request.word(at: 1) == 50)
        #expect(counts.openRequests == 1)
        #expect(all.count == 2)
    }

    @Test func `a reply without a request is stray`() throws {
        let (all, counts) = try exchanges(Prototype.reply(holding(9), at: 10))
        #expect(all.isEmpty)
        #expect(counts.strayReplies == 1)
    }

    @Test func `clients are kept apart`() throws {
        let (all, _) = try exchanges(
            Prototype.request(readHolding(0, 1), at: 0, by: "TCP:10.0.0.1:1")
                + Prototype.request(readHolding(50, 1), at: 1, by: "TCP:10.0.0.1:2")
                + Prototype.reply(holding(1), at: 40, to: "TCP:10.0.0.1:1")
                + Prototype.reply(holding(2), at: 80, to: "TCP:10.0.0.1:2"))
        #expect(all.map { $0.request.word(at: 1) } == [0, 50])
        #expect(all.map { $0.reply?.bytes } == [holding(1), holding(2)])
    }

    @Test func `unit 0 may be answered by any unit, others only by themselves`() throws {
        let zero = try exchanges(
            Prototype.request(readHolding(43, 1), unit: 0, at: 0) + Prototype.reply(holding(5100), unit: 1, at: 37)
        ).all
        #expect(zero.first?.answeringUnit == 1)
        let other = try exchanges(
            Prototype.request(readHolding(43, 1), unit: 2, at: 0) + Prototype.reply(holding(5100), unit: 1, at: 37))
        #expect(other.counts.strayReplies == 1)
    }

    @Test func `an exception is a reply`() throws {
        let all = try exchanges(
            Prototype.request([6, 0x75, 0x94, 0, 0], at: 0) + Prototype.reply([0x86, 1], at: 37)
        ).all
        #expect(all.first?.outcome == .exception)
        #expect(all.first?.exceptionCode == .illegalFunction)
    }

    @Test func `a frame with a wrong CRC is counted, and pairs with nothing`() throws {
        let damaged = try Prototype.reply(holding(9), at: 40).replacing("0009", with: "0008")
        let (all, counts) = try exchanges(Prototype.request(readHolding(0, 1), at: 0) + damaged)
        #expect(all.first?.reply == nil)
        #expect(counts.damagedFrames == 1)
    }

    @Test func `a request without an end remains open`() throws {
        let (all, counts) = try exchanges(Prototype.request(readHolding(0, 1), at: 0))
        #expect(all.count == 1)
        #expect(all.first?.outcome == nil)
        #expect(counts.openRequests == 1)
    }

    @Test func `requests that are never answered are given up, not collected`() throws {
        let text = try (0..<3000).map {
            try Prototype.request(readHolding(UInt16($0), 1), at: $0, by: "TCP:10.0.0.1:\($0)")
        }
        #expect(try exchanges(text.joined()).counts.openRequests == 3000)
    }

    @Test func `a call of a capture is a pair already`() throws {
        let text = """
            {"ts": 1736868000.123, "op": "read_input", "unit": 1, "addr": 0, "count": 4, "regs": [401,401,0,-1]}
            {"ts": 1736868001.125, "op": "write_single", "unit": 1, "addr": 45, "value": 1234}
            {"ts": 1736868001.125, "op": "write_multiple", "unit": 1, "addr": 45, "values": [25,9,21]}
            {"ts": 1736868001.2, "op": "read_input", "unit": 1, "addr": 0, "count": 4, "error": "exception", "code": 2}
            {"ts": 1736868001.3, "op": "read_input", "unit": 1, "addr": 0, "count": 4, "error": "timeout"}
            {"ts": 1736868001.4, "op": "raw", "unit": 1, "func": 101, "pdu": "650102", "reply": "6503"}

            """
        let all = try exchanges(text).all
        #expect(all.map(\.outcome) == [.ok, .ok, .ok, .exception, .timeout, .ok])
        #expect(all[0].reply?.bytes == [4, 8, 1, 0x91, 1, 0x91, 0, 0, 0xFF, 0xFF])
        #expect(all[0].microseconds == 1_736_868_000_123_000)
        #expect(all[2].request.bytes == [16, 0, 45, 0, 3, 6, 0, 25, 0, 9, 0, 21])
        #expect(all[5].reply?.bytes == [0x65, 0x03])
    }
}
