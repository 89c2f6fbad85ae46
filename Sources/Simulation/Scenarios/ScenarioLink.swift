internal import Broker
internal import Modbus
internal import Simulator

/// A line of two units, with no fault but the loss of a scenario.
final class ScenarioLink: BusLink {
    weak var bus: Bus?
    private var line: SimulatedLine?
    private let timeline: VirtualTimeline
    /// The time that unanswered requests kept the line.
    private(set) var lost: Duration = .zero
    private(set) var requests = 0
    private(set) var replies = 0
    private(set) var reopenings = 0
    /// The gateway's exception for a silent unit, after a second; nil: none.
    var wordForSilence: ExceptionCode?
    /// Whether the reply to a request comes damaged.
    var damages: (PDU) -> Bool = { _ in false }
    private var request: RTUFrame?
    private let answers: (UnitIdentifier, PDU) -> Bool
    private var lastSent: Instant?
    private static let dead: Duration = .milliseconds(900)

    /// - Parameter answers: whether a unit answers this request now.
    init(
        replyTime: Duration, loss: Double, timeline: VirtualTimeline, random: RandomSource,
        answers: @escaping (UnitIdentifier, PDU) -> Bool
    ) {
        self.timeline = timeline
        self.answers = answers
        var settings = SimulatedLine.Settings()
        settings.timing = ScenarioSettings().timing
        settings.thinkingTime = replyTime...replyTime
        settings.faults = [.loss(loss)]
        let units: [(UnitIdentifier, SimulatedLine.Unit)] = ([1, 2] as [UInt8]).map { number in
            let unit = UnitIdentifier(rawValue: number)
            return (
                unit,
                { request in
                    guard answers(unit, request) else { return nil }
                    return StampingUnit.answer(request, number: 0)
                }
            )
        }
        line = SimulatedLine(settings: settings, timeline: timeline, random: random, units: units) { [weak self] in
            self?.received($0)
        }
    }

    private func received(_ bytes: [UInt8]) {
        if lastSent != nil { replies += 1 }
        lastSent = nil
        var bytes = bytes
        if let request, damages(request.pdu), let last = bytes.indices.last { bytes[last - 2] ^= 1 }
        bus?.received(bytes)
    }

    private func say(_ word: ExceptionCode, to request: RTUFrame) {
        let reply = RTUFrame(unit: request.unit, pdu: PDU(exception: word, to: request.pdu.function))
        timeline.schedule(at: timeline.now + .seconds(1)) { [weak self] in
            guard let self else { return }
            lost += .seconds(1)
            lastSent = nil
            bus?.received(reply.bytes)
        }
    }

    func transmit(_ bytes: [UInt8]) {
        if lastSent != nil { lost += Self.dead }
        lastSent = timeline.now
        requests += 1
        request = RTUFrame(bytes)
        if let wordForSilence, let request, !answers(request.unit, request.pdu) {
            return say(wordForSilence, to: request)
        }
        line?.transmit(bytes)
    }

    func reopen() {
        reopenings += 1
        line?.unplug()
        bus?.lineOpened()
    }
}
