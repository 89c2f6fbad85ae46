package import Modbus

/// What a probe does next, and what it has found: reads only, the likely settings first.
///
/// 1. Listens. If another client is heard the setting is known, and nothing is ever sent.
/// 2. Asks every unit at every setting, first for holding register 0, and if nobody answers for input register 0. An
///    exception is an answer too.
/// 3. Asks who has answered twice more, and then the other units at this setting.
package struct ProbePlan {
    package enum Step: Hashable, Sendable {
        case listen(LineSetting?)
        case ask(LineSetting?, RTUFrame)
        case finished
    }

    /// A unit that has answered.
    package struct Hit: Hashable, Sendable {
        package let unit: UnitIdentifier
        package let request: PDU
        package let reply: PDU
        package let time: Duration?
    }

    private enum Phase {
        case listening
        case asking
        case confirming(Hit, good: Int, tries: Int)
        case counting([UnitIdentifier], isSecondTry: Bool)
        case finished
    }

    /// Harmless, and answered by whatever speaks Modbus, with an exception at least.
    static let questions = [
        PDU(read: .readHoldingRegisters, address: 0, quantity: 1),
        PDU(read: .readInputRegisters, address: 0, quantity: 1),
    ]

    /// Answers to one question before a setting counts as found, and questions asked for them.
    private static let neededAnswers = 3
    private static let mostQuestions = 6
    /// Intact frames of others before somebody else is taken for the line's client: one may be an accident.
    private static let neededFrames = 2

    private let settings: [LineSetting?]
    private let units: [UnitIdentifier]
    private var phase: Phase
    /// Which setting is listened to, or which of all questions is asked.
    private var position = 0
    package private(set) var findings = ProbeFindings()

    /// - Parameters:
    ///   - settings: at least one; `[nil]` where there is none to choose.
    ///   - units: at least one.
    package init(settings: [LineSetting?], units: [UnitIdentifier], listensFirst: Bool) {
        precondition(!settings.isEmpty && !units.isEmpty, "nothing to ask")
        self.settings = settings
        self.units = units
        phase = listensFirst ? .listening : .asking
    }

    /// How many questions there are, if nobody answers.
    package var questionCount: Int { Self.questions.count * settings.count * units.count }

    /// The part of all questions that has been asked, 0 to 1.
    package var progress: Double {
        if case .asking = phase { return Double(position) / Double(questionCount) }
        return 0
    }

    package var next: Step {
        switch phase {
        case .listening: .listen(settings[position])
        case .asking: .ask(setting, question)
        case .confirming(let hit, _, _): .ask(setting, RTUFrame(unit: hit.unit, pdu: hit.request))
        case .counting(let left, _): left.first.map { .ask(setting, RTUFrame(unit: $0, pdu: pdu)) } ?? .finished
        case .finished: .finished
        }
    }

    private var setting: LineSetting? { settings[position / units.count % settings.count] }
    private var pdu: PDU { Self.questions[position / units.count / settings.count] }
    private var question: RTUFrame { RTUFrame(unit: units[position % units.count], pdu: pdu) }

    /// Takes what came of the step.
    package mutating func note(_ hearing: ProbeHearing) {
        switch phase {
        case .listening: noteListening(hearing)
        case .asking: noteAnswer(hearing)
        case .confirming(let hit, let good, let tries): noteConfirmation(hearing, hit, good, tries)
        case .counting(let left, let isSecondTry): noteUnit(hearing, left, isSecondTry)
        case .finished: break
        }
    }

    private mutating func noteListening(_ hearing: ProbeHearing) {
        let setting = settings[position]
        findings.heardWhileListening += hearing.garbage + hearing.foreign.reduce(0) { $0 + $1.bytes.count }
        if hearing.foreign.count >= Self.neededFrames { return end(.talking(setting, hearing.foreign)) }
        position += 1
        // On a line that is silent at one speed nobody talks at another.
        guard hearing.isNothing || position == settings.count else { return }
        position = 0
        phase = .asking
    }

    private mutating func noteAnswer(_ hearing: ProbeHearing) {
        findings.count(hearing, at: setting)
        if let hit = hit(hearing) {
            phase = .confirming(hit, good: 1, tries: 1)
        } else if hearing.foreign.count >= Self.neededFrames {
            end(.talking(setting, hearing.foreign))
        } else {
            goOn()
        }
    }

    private mutating func noteConfirmation(_ hearing: ProbeHearing, _ first: Hit, _ good: Int, _ tries: Int) {
        let again = hit(hearing)
        let good = good + (again == nil ? 0 : 1)
        if good == Self.neededAnswers {
            findings.hits = [again ?? first]
            phase = .counting(units.filter { $0 != first.unit }, isSecondTry: false)
            if units.count == 1 { end(.found(setting)) }
        } else if tries + 1 == Self.mostQuestions {
            findings.unconfirmed.append(setting)
            goOn()
        } else {
            phase = .confirming(first, good: good, tries: tries + 1)
        }
    }

    private mutating func noteUnit(_ hearing: ProbeHearing, _ left: [UnitIdentifier], _ isSecondTry: Bool) {
        if let hit = hit(hearing) { findings.hits.append(hit) }
        let isOver = isSecondTry || hearing.answer != nil
        let left = isOver ? Array(left.dropFirst()) : left
        phase = .counting(left, isSecondTry: !isOver)
        guard left.isEmpty else { return }
        findings.hits.sort { $0.unit.rawValue < $1.unit.rawValue }
        end(.found(setting))
    }

    private func hit(_ hearing: ProbeHearing) -> Hit? {
        guard case .ask(_, let request) = next, let reply = hearing.answer else { return nil }
        return Hit(unit: reply.unit, request: request.pdu, reply: reply.pdu, time: hearing.time)
    }

    private mutating func goOn() {
        position += 1
        phase = .asking
        if position == questionCount { end(findings.verdictWithoutAnswer) }
    }

    private mutating func end(_ verdict: ProbeFindings.Verdict) {
        findings.verdict = verdict
        phase = .finished
    }
}
