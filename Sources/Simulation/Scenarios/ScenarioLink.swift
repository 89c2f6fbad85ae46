internal import Broker
internal import Modbus
internal import Simulator

/// A line of two units, without faults of its own but the loss of a scenario.
final class ScenarioLink: BusLink {
    weak var bus: Bus?
    private var line: SimulatedLine?
    private let timeline: VirtualTimeline
    /// How long requests kept the line that met nothing.
    private(set) var lost: Duration = .zero
    private(set) var requests = 0
    private(set) var replies = 0
    private var lastSent: Instant?
    private static let dead: Duration = .milliseconds(900)

    /// - Parameter answers: whether a unit answers this now.
    init(
        replyTime: Duration, loss: Double, timeline: VirtualTimeline, random: RandomSource,
        answers: @escaping (UnitIdentifier, PDU) -> Bool
    ) {
        self.timeline = timeline
        var settings = SimulatedLine.Settings()
        settings.timing = ScenarioSettings().timing
        settings.shapes = ScenarioSettings.shapes
        settings.thinkingTime = replyTime...replyTime
        settings.faults.loss = loss
        let units: [(UnitIdentifier, SimulatedLine.Unit)] = ([1, 2] as [UInt8]).map { number in
            let unit = UnitIdentifier(rawValue: number)
            return (
                unit,
                { request in
                    guard answers(unit, request) else { return nil }
                    return StampingUnit.answer(request, number: 0, shapes: ScenarioSettings.shapes)
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
        bus?.received(bytes)
    }

    func transmit(_ bytes: [UInt8]) {
        if lastSent != nil { lost += Self.dead }
        lastSent = timeline.now
        requests += 1
        line?.transmit(bytes)
    }

    func reopen() {
        line?.unplug()
        bus?.lineOpened()
    }
}
