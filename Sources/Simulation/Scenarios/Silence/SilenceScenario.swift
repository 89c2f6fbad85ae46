internal import Broker
package import Modbus
internal import Simulator

/// A line whose units are silent about something, or altogether, and clients that ask for it and for what is there (R11).
package struct SilenceScenario: LineScenario, Sendable {
    /// A client that asks its reads one after the other, in every period, and waits for each.
    package struct Asker: Sendable {
        package var name: String
        package var reads: [PDU]
        package var period: Duration
        package var unit: UnitIdentifier = 1
        package var from: Duration = .zero

        package init(
            _ name: String, _ reads: [PDU], every period: Duration, unit: UnitIdentifier = 1, from: Duration = .zero
        ) {
            self.name = name
            self.reads = reads
            self.period = period
            self.unit = unit
            self.from = from
        }
    }

    /// What one client asked, as far as the unit would have answered it.
    package struct Figures: Sendable, CustomStringConvertible {
        package internal(set) var asked = 0
        package internal(set) var answered = 0
        /// When the first good read was answered that was asked at or after ``SilenceScenario/mark``, from then on.
        package internal(set) var firstAnswer: Duration?

        package var share: Double { asked == 0 ? 1 : Double(answered) / Double(asked) }

        package var description: String { "\(answered)/\(asked)" }
    }

    package struct Report: Sendable {
        /// In the order of the askers.
        package let clients: [Figures]
        package let dongle: ClientFigures?
        /// The share of the time in which the line was kept by requests that met nothing, 0–1.
        package let lineLost: Double
        /// Since ``SilenceScenario/mark``: when a unit was first said to be silent.
        package let silentAfter: Duration?
        package let requests: Int
        /// The number of times that the port was opened anew.
        package let reopenings: Int
    }

    package var askers: [Asker]
    package let duration: Duration
    package var hasDongle = false
    package var loss = 0.0
    /// From the end of a request to its reply.
    package var replyTime: Duration = .milliseconds(80)
    /// The exception of a gateway on the way for a silent unit, after a second; nil: no gateway, and no answer.
    package var wordForSilence: ExceptionCode?
    /// Whether the reply to a request comes damaged.
    package var damages: @Sendable (PDU) -> Bool = { _ in false }
    /// From when on something is measured: dusk, dawn.
    package var mark: Duration = .zero
    /// Whether a unit answers this so long after the start.
    package var answers: @Sendable (UnitIdentifier, PDU, Duration) -> Bool

    package init(
        _ askers: [Asker], for duration: Duration,
        answers: @escaping @Sendable (UnitIdentifier, PDU, Duration) -> Bool
    ) {
        self.askers = askers
        self.duration = duration
        self.answers = answers
    }

    package func run(seed: UInt64 = 1) -> Report {
        let world = ScenarioWorld(self, bus: bus, seed: seed, answers: answers)
        (world.link.wordForSilence, world.link.damages) = (wordForSilence, damages)
        let askers = askers.map { SilenceAsker($0, of: self, timeline: world.timeline) }
        let begin = Instant.start + mark
        var silentAt: Instant?
        world.core.observe = { [timeline = world.timeline] event in
            guard case .line(.unitSilent) = event, silentAt == nil, timeline.now >= begin else { return }
            silentAt = timeline.now
        }
        world.open()
        for (number, asker) in askers.enumerated() {
            asker.session = world.connect("10.0.0.\(number + 1)") { [weak asker] in asker?.received($0) }
        }
        world.run()
        return Report(
            clients: askers.map(\.figures), dongle: world.dongleFigures, lineLost: world.link.lost / duration,
            silentAfter: silentAt.map { $0 - begin }, requests: world.link.requests, reopenings: world.link.reopenings)
    }

    private var bus: BusSettings {
        var settings = ScenarioSettings().bus
        if wordForSilence != nil {
            settings.hasTransactions = true
            // The gateway has a timeout of its own, which comes first.
            settings.responseTimeout = .seconds(2)
        }
        return settings
    }
}
