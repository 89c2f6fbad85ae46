@testable import WireLog
import Broker
import Modbus
import Reports
import Testing
import TestSupport

/// What our formatter writes is what the reader gets: each query is one exchange again.
@Suite("Pairing in our own log")
struct OwnLogPairingTests {
    private func log(_ events: [(BrokerEvent, Int64)]) -> String {
        var formatter = makeFormatter()
        return events.map { String(decoding: formatter.line($0.0, at: moment + $0.1), as: UTF8.self) }.joined()
    }

    @Test func `several requests of a client that wait at once get their own replies`() throws {
        let first = try query(readHolding(0, 2), from: homeAssistant, number: 1)
        let second = try query(readHolding(50, 1), from: homeAssistant, number: 2)
        let all = try exchanges(
            log([
                (.request(first), 0), (.request(second), 1),
                (.finished(exchange(second, .success(try frame(holding(3)))), .delivered), 40_000),
                (.finished(exchange(first, .success(try frame(holding(1, 2)))), .delivered), 80_000),
            ])
        ).all
        #expect(all.map { $0.request.word(at: 1) } == [50, 0])
        #expect(all.map(\.outcome) == [.ok, .ok])
        #expect(all.first?.replyTime == 36_800)
        #expect(all.first?.waitingTime == 400)
    }

    @Test func `a superseded request and its copy each end once`() throws {
        let (first, second) = (try query(readHolding(0, 1), number: 1), try query(readHolding(0, 1), number: 2))
        let reply = Result<RTUFrame, BrokerError>.success(try frame(holding(3)))
        let (analysis, _) = try analysis(
            log([
                (.request(first), 0), (.request(second), 20_000),
                (.finished(exchange(first, reply), .superseded), 40_000),
                (.finished(exchange(second, reply), .delivered), 40_000),
            ]))
        #expect(analysis.outcomes.requests == 2)
        #expect(analysis.outcomes.superseded == 1)
        #expect(analysis.repeats.whilePending == 1)
        #expect(analysis.lineUse.bytes == 15)
        #expect(analysis.lineUse.busyMicroseconds == 36_800)
    }

    @Test func `an exception that the broker made is no reply of the unit`() throws {
        let query = try query(readHolding(0, 1), from: homeAssistant)
        let all = try exchanges(
            log([(.request(query), 0), (.finished(.failed(query, .overloaded, at: .start), .delivered), 10)])
        ).all
        #expect(all.map(\.outcome) == [.notSent])
        #expect(all.first?.reply == nil)
    }

    @Test func `an end without bytes belongs to the request of its unit and function`() throws {
        let (read, write) = (try query(readHolding(0, 1), number: 1), try query([6, 0, 1, 0, 2], number: 2))
        let all = try exchanges(
            log([
                (.request(read), 0), (.request(write), 1),
                (.finished(exchange(write, .failure(.noReply)), .suppressed), 2),
                (.finished(exchange(read, .success(try frame(holding(3)))), .delivered), 3),
            ])
        ).all
        #expect(all.map(\.request.function) == [.writeSingleRegister, .readHoldingRegisters])
        #expect(all.map(\.outcome) == [.timeout, .ok])
    }

    @Test func `nothing is paired across lines that were lost`() throws {
        let (first, second) = (try query(readHolding(0, 1), number: 1), try query(readHolding(0, 1), number: 2))
        var formatter = makeFormatter()
        formatter.append(loss: .logOverflow, of: 7, because: nil, at: moment + 10)
        let overflow = String(decoding: formatter.take().bytes, as: UTF8.self)
        let text =
            log([(.request(first), 0)]) + overflow
            + log([
                (.request(second), 20), (.finished(exchange(second, .success(try frame(holding(3)))), .delivered), 40),
            ])
        let (all, counts) = try exchanges(text)
        #expect(all.map { $0.reply == nil } == [true, false])
        #expect(all.last?.microseconds == moment + 20)
        #expect(counts.openRequests == 1)
        #expect(try analysis(text).0.lostLines == 7)
    }

    @Test func `a silence of the log of more than a minute ends what waits`() throws {
        let (first, second) = (try query(readHolding(0, 1), number: 1), try query(readHolding(0, 1), number: 2))
        let all = try exchanges(
            log([
                (.request(first), 0), (.request(second), 100_000_000),
                (.finished(exchange(second, .success(try frame(holding(3)))), .delivered), 100_040_000),
            ])
        ).all
        #expect(all.map { $0.reply == nil } == [true, false])
    }
}
