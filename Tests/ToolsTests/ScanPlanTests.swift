import Broker
import Growatt
import Modbus
import Simulator
import Testing
internal import Text

@testable import Tools

/// A unit that is scanned without a line, with requests and replies that are lost.
private struct ScannedUnit {
    let unit: DatasetUnit
    var random: RandomSource
    var loss = 0.0
    /// Addresses that are met with silence.
    var silent: ClosedRange<Int>?
    /// What it answers in place of 0x02.
    var refusal: ExceptionCode?

    init(_ registers: Dataset.Unit, limits: ReadLimits = .none, seed: UInt64 = 1) {
        var settings = DatasetUnit.Settings()
        settings.isStrict = true
        settings.limits = limits
        unit = DatasetUnit(registers, settings: settings)
        random = RandomSource(seed: seed)
    }

    mutating func answer(_ range: ScanPlan.Range) -> Answer {
        if random.chance(loss) || silent?.overlaps(range.addresses) == true { return .nothing(wasSent: true) }
        let request = PDU(
            read: range.table.function, address: UInt16(range.addresses.lowerBound),
            quantity: UInt16(range.addresses.count))
        let answer = Answer(unit.answer(request, at: .start))
        if let refusal, case .exception = answer { return .exception(refusal) }
        return answer
    }

    /// Runs a scan to its end, or for so many requests.
    mutating func run(_ plan: inout ScanPlan, atMost limit: Int = 100_000) -> ScanPlan.Step {
        for _ in 0..<limit {
            switch plan.next {
            case .ask(let range): plan.note(answer(range))
            case .pause: plan.notePause()
            case .finished, .silent: return plan.next
            }
        }
        return plan.next
    }
}

struct ScanPlanTests {
    private static func registers(_ addresses: some Sequence<Int>) -> [UInt16: UInt16] {
        Dictionary(uniqueKeysWithValues: addresses.map { (UInt16($0), UInt16($0) &* 7 &+ 1) })
    }

    @Test(arguments: [ReadLimits.none, .groupsOf45, .groupsOf125], 1...30)
    func `a scan finds exactly the registers that are there, whatever is lost and however much may be read at once`(
        _ limits: ReadLimits, _ seed: Int
    ) {
        var random = RandomSource(seed: UInt64(seed))
        // Runs of registers with runs of missing ones between.
        func table() -> [UInt16: UInt16] {
            var addresses: [Int] = []
            var address = 0
            while address < 600 {
                let length = Int.random(in: 1...(random.chance(0.5) ? 5 : 150), using: &random)
                if random.chance(0.5) { addresses += address..<min(600, address + length) }
                address += length
            }
            return Self.registers(addresses)
        }
        let registers = Dataset.Unit(holding: table(), input: table(), meter: table())
        var unit = ScannedUnit(registers, limits: limits, seed: UInt64(seed))
        unit.loss = 0.05
        var plan = ScanPlan(
            [.init(.holding, 0...599), .init(.input, 0...599), .init(.meter, 0...599)], block: 125)
        #expect(unit.run(&plan) == .finished, "seed \(seed)")
        for table in RegisterTable.allCases {
            #expect(plan.found[table] == registers[table], "seed \(seed), \(table)")
            let missing = (plan.missing[table] ?? []).flatMap { Array($0) }.sorted()
            #expect(missing == (0..<600).filter { registers[table][UInt16($0)] == nil }, "seed \(seed), \(table)")
        }
        #expect(plan.silent.isEmpty, "seed \(seed)")
        // Each address is asked for in fewer than two requests, and losses repeat some.
        #expect(plan.requests < 2 * 1800 * 12 / 10, "seed \(seed)")
    }

    @Test func `whole blocks take one request each`() {
        var unit = ScannedUnit(Dataset.Unit(holding: Self.registers(0..<250)))
        var plan = ScanPlan([.init(.holding, 0...249)], block: 125)
        #expect(unit.run(&plan) == .finished)
        #expect(plan.requests == 2)
    }

    @Test func `groups of 45 are found out by three refusals in a block of 125`() {
        var unit = ScannedUnit(Dataset.Unit(holding: Self.registers(0..<125)), limits: .groupsOf45)
        var plan = ScanPlan([.init(.holding, 0...124)], block: 125)
        #expect(unit.run(&plan) == .finished)
        #expect(plan.foundCount == 125)
        #expect(plan.requests == 5)
    }

    @Test func `a unit that refuses reads for their length has a limit, one that lacks registers has none`() throws {
        var limited = ScannedUnit(Dataset.Unit(holding: Self.registers(0..<125)), limits: .groupsOf45)
        var plan = ScanPlan([.init(.holding, 0...124)], block: 125)
        _ = limited.run(&plan)
        let limit = try #require(plan.readLimit)
        #expect(limit.answered <= 45 && limit.answered < limit.refused)
        var incomplete = ScannedUnit(Dataset.Unit(holding: Self.registers(1..<125)))
        plan = ScanPlan([.init(.holding, 0...124)], block: 125)
        _ = incomplete.run(&plan)
        #expect(plan.readLimit == nil)
    }

    @Test func `a scan that goes on counts the requests of before`() throws {
        var unit = ScannedUnit(Dataset.Unit(holding: Self.registers(0..<500)))
        var plan = ScanPlan([.init(.holding, 0...499)], block: 125)
        _ = unit.run(&plan, atMost: 3)
        let kept = plan.record.dataset(of: 1, notes: [])
        var record = try ScanRecord(kept, of: 1, file: "x")
        record.requests = plan.requests
        plan = ScanPlan([.init(.holding, 0...499)], block: 125, known: record)
        _ = unit.run(&plan)
        #expect(plan.requests == 4)
    }

    @Test func `a silent unit ends the scan after a few requests`() {
        var unit = ScannedUnit(Dataset.Unit(holding: Self.registers(0..<100)))
        unit.silent = 0...65535
        var plan = ScanPlan([.init(.holding, 0...65535)], block: 125)
        #expect(unit.run(&plan) == .silent)
        #expect(plan.requests == ScanPlan.Limits().silence)
    }

    @Test func `a unit that falls silent ends the scan, and what it has found stays`() {
        var unit = ScannedUnit(Dataset.Unit(holding: Self.registers(0..<1000)))
        var plan = ScanPlan([.init(.holding, 0...999)], block: 125)
        _ = unit.run(&plan, atMost: 3)
        unit.silent = 0...65535
        #expect(unit.run(&plan) == .silent)
        #expect(plan.found.holding.count == 375)
        #expect(plan.requests == 3 + ScanPlan.Limits().silence + ScanPlan.Limits().singleAttempts)
    }

    @Test func `a block that a living unit says nothing about is given up, and the next one asked for`() {
        var unit = ScannedUnit(Dataset.Unit(holding: Self.registers(0..<500)))
        unit.silent = 125...249
        var plan = ScanPlan([.init(.holding, 0...499)], block: 125)
        #expect(unit.run(&plan) == .finished)
        #expect(plan.found.holding.count == 375)
        #expect(ScanRanges.merged(plan.silent[.holding] ?? []) == [125...249])
        #expect(plan.requests == 3 + ScanPlan.Limits().silence + 1)
    }

    /// Growatts answer 0x01 to long reads, and to addresses that they lack (0xAHA/Growatt_ModbusTCP#432, #403).
    @Test func `an illegal function says nothing about the table: the block is cut like any other that is refused`() {
        var unit = ScannedUnit(Dataset.Unit(input: Self.registers(125..<250)))
        unit.refusal = .illegalFunction
        var plan = ScanPlan([.init(.input, 0...249)], block: 125)
        #expect(unit.run(&plan) == .finished)
        #expect(plan.found.input.count == 125)
        #expect(ScanRanges.merged(plan.missing[.input] ?? []) == [0...124])
        #expect(plan.unsupported.isEmpty)
    }

    @Test func `a table of which every register is an illegal function is told as one that the unit lacks`() {
        var plan = ScanPlan([.init(.holding, 0...0), .init(.meter, 0...3)], block: 4)
        plan.note(.reply(PDU(registers: [7], replyTo: .readHoldingRegisters)))
        while case .ask = plan.next { plan.note(.exception(.illegalFunction)) }
        #expect(plan.next == .finished)
        #expect(plan.unsupported == [.meter])
    }

    @Test(arguments: [0x08, 0x0A, 0x0B, 0xE0, 0xE2] as [UInt8])
    func `an exception that tells of the line or of a gateway says nothing about a register`(code: UInt8) {
        var plan = ScanPlan([.init(.holding, 0...0)], block: 1)
        plan.note(.exception(ExceptionCode(rawValue: code)))
        #expect(plan.missing.isEmpty)
    }

    @Test func `R4 after a request without answer there is a pause, because a late exception could be anybody's`() {
        var limits = ScanPlan.Limits()
        limits.quiet = .milliseconds(700)
        var plan = ScanPlan([.init(.holding, 0...9)], block: 125, limits: limits)
        let first = plan.next
        plan.note(.nothing(wasSent: true))
        #expect(plan.next == .pause(.milliseconds(700)))
        plan.notePause()
        #expect(plan.next == first)
    }

    @Test func `a busy unit is waited for and asked the same again`() {
        var plan = ScanPlan([.init(.holding, 0...9)], block: 125)
        let first = plan.next
        for busy in [ExceptionCode.serverDeviceBusy, .acknowledge, .gatewayPathUnavailable] {
            plan.note(.exception(busy))
            #expect(plan.next == .pause(.seconds(1)))
            plan.notePause()
            #expect(plan.next == first)
        }
        for _ in 0..<10_000 where plan.next != .silent {
            plan.note(.nothing(wasSent: false))
            plan.notePause()
        }
        #expect(plan.next == .silent)
    }

    @Test(arguments: 1...10)
    func `a scan that is taken up again asks nothing twice and ends with the same`(_ seed: Int) throws {
        let registers = Dataset.Unit(holding: Self.registers((0..<400).filter { $0 % 7 != 3 }))
        let ranges = [ScanPlan.Range(.holding, 0...399)]
        var unit = ScannedUnit(registers, seed: UInt64(seed))
        var first = ScanPlan(ranges, block: 125)
        _ = unit.run(&first, atMost: seed * 30)
        let file = first.record.dataset(of: 2, notes: [.init("_source", .string("a test"))])
        let known = try ScanRecord(Dataset(json: file.json, file: "f"), of: 2, file: "f")
        var second = ScanPlan(ranges, block: 125, known: known)
        #expect(second.openCount == first.openCount)
        #expect(unit.run(&second) == .finished)
        #expect(second.found.holding == registers.holding, "seed \(seed)")
        #expect(throws: ToolError.self) { try ScanRecord(file, of: 3, file: "f") }
    }

    @Test func `what touches is merged, and ranges that overlap are asked for once`() {
        #expect(ScanRanges.merged([5...6, 0...1, 2...3, 6...9]) == [0...3, 5...9])
        let plan = ScanPlan([.init(.holding, 0...99), .init(.holding, 50...149)], block: 125)
        #expect(plan.openCount == 150)
        #expect(AddressRanges.list("0-124,3000") == [0...124, 3000...3000])
        for text in ["", "5-3", "1,", "a", "65536", "-1", "1-2-3"] {
            #expect(AddressRanges.list(text) == nil, "\(text)")
        }
    }
}
