import Broker
import Growatt
import Modbus
import Simulator
import Testing

@testable import Tools

struct ReadRequestTests {
    private func requests(_ words: [String], _ limit: ReadLimits = .none) throws -> [ClosedRange<Int>] {
        ReadRequest.all(for: try RegisterItem.list(words), limit: limit).map(\.addresses)
    }

    @Test func `what is consecutive is read at once, and nothing between`() throws {
        #expect(try requests(["input", "3", "0-2", "4:u32", "7"]) == [0...5, 7...7])
        #expect(try requests(["input", "0-9", "5-14", "0"]) == [0...14])
    }

    @Test func `no more than 125 at once, and no value is torn apart`() throws {
        #expect(try requests(["input", "0-299"]) == [0...124, 125...249, 250...299])
        #expect(try requests(["input", "1-250:u32"]) == [1...124, 125...248, 249...250])
    }

    @Test func `Growatt's groups are not crossed, except where a value does`() throws {
        #expect(try requests(["input", "40-99"], .groupsOf45) == [40...44, 45...89, 90...99])
        #expect(try requests(["input", "44:u32"], .groupsOf45) == [44...44, 45...45])
        #expect(try requests(["input", "100-140"], .groupsOf125) == [100...124, 125...140])
    }

    @Test func `a long text is read in parts, and coils by the thousand`() throws {
        #expect(try requests(["holding", "0-199:ascii"]) == [0...124, 125...199])
        #expect(try requests(["coil", "0-2999"]) == [0...1999, 2000...2999])
    }
}

struct ReadRoundTests {
    private let unit = DatasetUnit(
        Dataset.Unit(holding: [0: 10, 1: 11, 2: 12, 5: 1, 6: 2], input: [7: 0xFFFF], meter: [3: 9]),
        settings: {
            var settings = DatasetUnit.Settings(); settings.isStrict = true; return settings
        }())

    private func round(_ words: [String], _ ask: ((PDU) -> Answer)? = nil) throws -> ReadRound {
        let ask = ask ?? { Answer(unit.answer($0, at: .start)) }
        return ReadRound(of: try RegisterItem.list(words), limit: .none, order: .highFirst, timestamp: "t", ask)
    }

    @Test func `values come in the order in which they were asked for, of every table`() throws {
        let round = try round(["input", "7:s16", "holding", "5:u32", "0", "meter", "3"])
        #expect(
            round.rows == [
                .value(.input, address: 7, .s16, .integer(-1), registers: [0xFFFF]),
                .value(.holding, address: 5, .u32, .integer(65538), registers: [1, 2]),
                .value(.holding, address: 0, .u16, .integer(10), registers: [10]),
                .value(.meter, address: 3, .u16, .integer(9), registers: [9]),
            ])
        #expect(round.isComplete)
    }

    @Test func `a register that is missing spoils no other item`() throws {
        let round = try round(["holding", "0", "1", "2-4", "5-6"])
        #expect(
            round.rows == [
                .value(.holding, address: 0, .u16, .integer(10), registers: [10]),
                .value(.holding, address: 1, .u16, .integer(11), registers: [11]),
                .failure(.holding, 2...4, "illegal data address (2)"),
                .value(.holding, address: 5, .u16, .integer(1), registers: [1]),
                .value(.holding, address: 6, .u16, .integer(2), registers: [2]),
            ])
        #expect(!round.isComplete)
    }

    @Test func `no answer is told for all addresses of its request, once`() throws {
        var asked = 0
        let round = try round(["holding", "0", "1-3"]) { _ in
            asked += 1
            return .nothing(wasSent: true)
        }
        #expect(round.rows == [.failure(.holding, 0...0, "no answer"), .failure(.holding, 1...3, "no answer")])
        #expect(asked == 1)
    }

    @Test func `a reply that does not hold what was asked for is no value`() throws {
        let round = try round(["coil", "0-8"]) { _ in .reply(PDU(registers: [1, 2], replyTo: .readCoils)) }
        #expect(round.rows == [.failure(.coil, 0...8, "a reply of another length")])
    }

    @Test func `coils are bits, the first in the lowest`() throws {
        let round = try round(["coil", "0-8"]) { _ in .reply(PDU(registers: [0x0501], replyTo: .readCoils)) }
        let values = round.rows.compactMap { if case .value(_, _, _, let value, _) = $0 { "\(value)" } else { nil } }
        #expect(values.joined() == "101000001")
    }

    @Test func `rounds begin at multiples of the period, and those that are missed are left out`() {
        let start = ContinuousClock.now
        var schedule = RoundSchedule(start: start, period: .seconds(5))
        #expect(schedule.next(after: start + .seconds(2)) == start + .seconds(5))
        #expect(schedule.next(after: start + .seconds(17)) == start + .seconds(20))
        #expect(schedule.next(after: start + .seconds(20)) == start + .seconds(25))
    }
}

extension Answer {
    /// What a simulated unit says.
    init(_ reply: PDU?) {
        self = reply.map { $0.exceptionCode.map { .exception($0) } ?? .reply($0) } ?? .nothing(wasSent: true)
    }
}
