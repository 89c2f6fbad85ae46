package import Broker
package import Growatt
package import Modbus
internal import WireLog

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

        /// Where nothing moves any more from the start.
        var isOver: Bool { speed == nil && !isStrict }
    }

    /// The most exchanges that wait to be asked for, in strict order.
    private static let patience = 2 * RecordingStream.capacity

    private let settings: Settings
    private let recording: LoadedRecording
    private let origin: Instant
    private var byName: [UnitIdentifier: RecordedUnit] = [:]
    private var strict: StrictOrder
    /// Called once, when the last exchange has been played.
    private var whenOver: (() -> Void)?

    /// - Parameters:
    ///   - recording: made with the same settings, and for nobody else.
    ///   - origin: when it begins to be played.
    ///   - whenOver: called when the last exchange has been played; not if that is so from the start.
    package init(
        _ settings: Settings, _ recording: LoadedRecording, origin: Instant, whenOver: @escaping () -> Void = {}
    ) {
        self.settings = settings
        self.recording = recording
        self.origin = origin
        self.whenOver = whenOver
        strict = StrictOrder(recording.survey, capacity: Self.patience)
        for (name, unit) in survey.units { byName[name] = RecordedUnit(name, unit, self) }
    }

    package var survey: RecordingSurvey { recording.survey }

    private var stream: RecordingStream? { recording.stream }

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
        return Duration(nanoseconds: Int64(min(Double(time.nanoseconds) / speed, 1e18)))
    }

    /// Takes over what was answered in the recording until this moment.
    func advance(to now: Instant) {
        guard !settings.isStrict, let stream else { return }
        for exchange in stream.take(until: moment(at: now)) {
            guard let reply = exchange.reply, let name = exchange.answeringUnit else { continue }
            byName[name]?.note(exchange, reply)
        }
        if stream.isOver { end() }
    }

    private func moment(at now: Instant) -> Int64 {
        guard let speed = settings.speed else { return .max }
        let elapsed = Double((now - origin).nanoseconds) / 1000 * speed
        return (survey.start ?? 0) + Int64(min(elapsed, 1e15))
    }

    /// The next exchange of the recording with this request.
    func next(_ request: PDU, of unit: UnitIdentifier) -> RecordedExchange? {
        guard let stream else { return nil }
        defer { if stream.isOver, strict.isEmpty { end() } }
        return strict.next(RecordedRequest(unit: unit, pdu: request), from: stream)
    }

    private func end() {
        whenOver?()
        whenOver = nil
    }
}
