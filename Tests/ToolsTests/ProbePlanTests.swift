import Modbus
import SerialLine
import Testing

@testable import Tools

struct ProbePlanTests {
    private func settings(_ bauds: [Int] = [9600, 115200], _ formats: [String] = ["8N1", "8E1"]) throws -> [LineSetting]
    {
        LineSetting.all(bauds: try bauds.map { try BaudRate($0) }, formats: try formats.map { try CharacterFormat($0) })
    }

    private func plan(units: [UnitIdentifier] = [1, 2], listensFirst: Bool = false) throws -> ProbePlan {
        ProbePlan(settings: try settings(), units: units, listensFirst: listensFirst)
    }

    private func heard(
        _ answer: RTUFrame? = nil, foreign: [RTUFrame] = [], isEchoed: Bool = false, garbage: Int = 0
    ) -> ProbeHearing {
        var hearing = ProbeHearing()
        (hearing.answer, hearing.foreign, hearing.isEchoed, hearing.garbage) = (answer, foreign, isEchoed, garbage)
        return hearing
    }

    private func reply(_ unit: UnitIdentifier) -> RTUFrame {
        RTUFrame(unit: unit, pdu: PDU(registers: [7], replyTo: .readHoldingRegisters))
    }

    /// What is asked if `answer` decides about it; at most 200 steps.
    private func walk(_ plan: inout ProbePlan, _ answer: (ProbePlan.Step) -> ProbeHearing) -> [ProbePlan.Step] {
        var steps: [ProbePlan.Step] = []
        while plan.next != .finished, steps.count < 200 {
            steps.append(plan.next)
            plan.note(answer(plan.next))
        }
        return steps
    }

    @Test func `every setting and unit is asked, the likely ones first, and reads only`() throws {
        var plan = try plan()
        let steps = walk(&plan) { _ in heard() }
        let asked = steps.compactMap { step -> String? in
            guard case .ask(let setting, let frame) = step else { return nil }
            return "\(setting.map { "\($0)" } ?? "–") \(frame.unit) \(frame.pdu.function.rawValue)"
        }
        #expect(
            asked.prefix(6) == [
                "9600 8N1 1 3", "9600 8N1 2 3", "115200 8N1 1 3", "115200 8N1 2 3", "9600 8E1 1 3", "9600 8E1 2 3",
            ])
        #expect(asked.count == 16 && Set(asked).count == 16)
        #expect(asked.suffix(8).allSatisfy { $0.hasSuffix(" 4") })
        #expect(plan.findings.verdict == .nothing)
    }

    @Test func `who has answered is asked twice more, and then the other units`() throws {
        var plan = try plan(units: [1, 2, 3])
        let wanted = try settings()[1]
        let steps = walk(&plan) { step in
            guard case .ask(let setting, let frame) = step, setting == wanted, frame.unit != 1 else { return heard() }
            return heard(reply(frame.unit))
        }
        let units = steps.dropFirst(3).compactMap { step -> UnitIdentifier? in
            if case .ask(_, let frame) = step { frame.unit } else { nil }
        }
        #expect(units == [1, 2, 2, 2, 1, 1, 3])
        #expect(plan.findings.verdict == .found(wanted))
        #expect(plan.findings.hits.map(\.unit) == [2, 3])
    }

    @Test func `an exception is an answer`() throws {
        var plan = try plan(units: [1])
        _ = walk(&plan) { _ in
            heard(RTUFrame(unit: 1, pdu: PDU(exception: .illegalDataAddress, to: .readHoldingRegisters)))
        }
        #expect(plan.findings.verdict == .found(try settings()[0]))
        #expect(plan.findings.hits.map(\.answer) == ["holding 0: illegal data address (2)"])
    }

    @Test func `an answer that does not come again is no finding`() throws {
        var plan = try plan(units: [1])
        var answers = 1
        _ = walk(&plan) { _ in
            answers -= 1
            return heard(answers == 0 ? reply(1) : nil)
        }
        #expect(plan.findings.verdict == .garbage(try settings()[0]))
    }

    @Test func `a lost answer in between does not hide a unit`() throws {
        var plan = try plan(units: [1])
        var number = 0
        _ = walk(&plan) { _ in
            number += 1
            return heard(number.isMultiple(of: 2) ? nil : reply(1))
        }
        #expect(plan.findings.verdict == .found(try settings()[0]))
    }

    @Test func `where another client talks nothing is ever sent`() throws {
        var plan = try plan(listensFirst: true)
        let wanted = try settings()[2]
        let request = RTUFrame(unit: 1, pdu: PDU(read: .readInputRegisters, address: 0, quantity: 9))
        let steps = walk(&plan) { step in
            step == .listen(wanted) ? heard(foreign: [request, reply(1)]) : heard(garbage: 12)
        }
        #expect(steps == (try settings()[...2]).map { .listen($0) })
        #expect(plan.findings.verdict == .talking(wanted, [request, reply(1)]))
    }

    @Test func `on a silent line it is listened to once`() throws {
        var plan = try plan(listensFirst: true)
        let steps = walk(&plan) { _ in heard() }
        #expect(steps.count == 17)
        #expect(steps.first == .listen(try settings()[0]))
    }

    @Test func `echo and garbage are told apart from nothing`() throws {
        var echoing = try plan()
        _ = walk(&echoing) { _ in heard(isEchoed: true) }
        #expect(echoing.findings.verdict == .echo)
        var noisy = try plan()
        let noisiest = try settings()[1]
        _ = walk(&noisy) { step in
            if case .ask(noisiest, _) = step { return heard(garbage: 5) }
            return heard(garbage: 1)
        }
        #expect(noisy.findings.verdict == .garbage(noisiest))
    }
}
