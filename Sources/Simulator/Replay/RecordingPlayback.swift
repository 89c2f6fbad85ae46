package import Broker
package import Modbus
package import Recording

/// Plays a recording to units that answer from it, in its own time or faster.
package final class RecordingPlayback {
    package struct Settings: Sendable {
        /// How fast the time of the recording goes; nil: it is over at once, and replies take no time.
        package var speed: Double? = 1
        /// Whether each request gets the next reply that it got in the recording; otherwise the latest values of the moment.
        package var isStrict = false
        /// What was never seen gets no answer; otherwise exception 2.
        package var isSilentWhenUnseen = false

        package init() {}
    }

    private let settings: Settings
    private let stream: RecordingStream
    private let origin: Instant
    private let start: Int64
    private var byName: [UnitIdentifier: RecordedUnit] = [:]
    /// Exchanges that nobody has asked for yet, in strict order.
    private var ahead: [RecordedExchange] = []

    /// - Parameters:
    ///   - survey: of the same file as the stream.
    ///   - origin: when the recording begins to be played.
    package init(_ settings: Settings, _ survey: RecordingSurvey, _ stream: RecordingStream, origin: Instant) {
        self.settings = settings
        self.stream = stream
        self.origin = origin
        start = survey.start ?? 0
        for (name, unit) in survey.units { byName[name] = RecordedUnit(name, unit, self) }
    }

    /// In the order of their numbers. They work only while the playback lives.
    package var units: [(UnitIdentifier, any SimulatedUnit)] {
        byName.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The registers of the units at this moment.
    package var registers: [(UnitIdentifier, Dataset.Unit)] {
        byName.sorted { $0.key < $1.key }.map { ($0.key, $0.value.registers) }
    }

    var isStrict: Bool { settings.isStrict }
    var isSilentWhenUnseen: Bool { settings.isSilentWhenUnseen }

    func scaled(_ time: Duration) -> Duration {
        guard let speed = settings.speed else { return .zero }
        return Duration(nanoseconds: Int64(Double(time.nanoseconds) / speed))
    }

    /// Takes over what was answered in the recording until this moment.
    func advance(to now: Instant) {
        guard !settings.isStrict else { return }
        for exchange in stream.take(until: moment(at: now)) {
            guard let reply = exchange.reply, let name = exchange.answeringUnit else { continue }
            byName[name]?.note(exchange, reply)
        }
    }

    private func moment(at now: Instant) -> Int64 {
        guard let speed = settings.speed else { return .max }
        let elapsed = Double((now - origin).nanoseconds) / 1000 * speed
        return start + Int64(min(elapsed, 1e15))
    }

    /// The next exchange of the recording with this request; what is passed over waits for its turn, up to a limit.
    func next(_ request: PDU, of unit: UnitIdentifier) -> RecordedExchange? {
        ahead += stream.take()
        if ahead.count > 2 * RecordingStream.capacity { ahead.removeFirst(ahead.count - 2 * RecordingStream.capacity) }
        let index = ahead.firstIndex { $0.request == request && ($0.answeringUnit ?? $0.unit) == unit }
        return index.map { ahead.remove(at: $0) }
    }
}
