internal import Broker
internal import Growatt
internal import Modbus
internal import NIOCore
internal import Settings
internal import Simulator
internal import Text
internal import Transport
internal import WireLog

/// What all simulated units of a gateway need to know.
struct UnitsContext {
    let pty: [String]
    let bus: BusSettings
    let faults: FaultInjector?
    let loop: any EventLoop
    let ports: any GatewayPorts
    let report: @Sendable (String) -> Void
    let observe: (BrokerEvent) -> Void
}

extension UnitsSource {
    /// - Parameter profile: nil: only writes change the registers.
    /// - Throws: `DatasetError` for a profile that does not fit, or what is wrong with a pseudo-terminal's name.
    convenience init(
        _ settings: DatasetSettings, _ dataset: Dataset, _ profile: Profile?, _ context: UnitsContext
    ) throws {
        var unit = DatasetUnit.Settings()
        unit.isStrict = settings.isStrict || dataset.saysWhatIsMissing
        unit.limits = settings.readLimit
        let units = try DatasetUnit.units(
            of: dataset, file: settings.name, settings: unit, profile: profile,
            clock: SimulatedClock(
                origin: EventLoopTimeline(context.loop).now, start: settings.startTime, scale: settings.timeScale),
            seed: settings.seed ?? UInt64.random(in: .min ... .max))
        try self.init(
            units.map { ($0, $1) }, registers: { units.map { ($0, $1.registers) } }, replyTime: settings.replyTime,
            baud: settings.baud, context)
    }

    /// - Throws: what is wrong with a pseudo-terminal's name.
    convenience init(_ settings: RecordingSettings, _ recording: LoadedRecording, _ context: UnitsContext) throws {
        let (file, report) = (settings.file, context.report)
        let playback = RecordingPlayback(
            settings.playing, recording, origin: EventLoopTimeline(context.loop).now,
            whenOver: { report("\(file): played to its end; " + settings.order.afterTheEnd) })
        for note in playback.survey.summary.notes { report(note) }
        report("\(file): \(playback.survey.text)")
        try self.init(
            playback.units, registers: { playback.registers }, replyTime: .zero, baud: nil, context)
    }

    private convenience init(
        _ units: [(UnitIdentifier, any SimulatedUnit)], registers: @escaping () -> [(UnitIdentifier, Dataset.Unit)],
        replyTime: Duration, baud: Int?, _ context: UnitsContext
    ) throws {
        try self.init(
            units, registers: registers, replyTime: replyTime, baud: baud, pty: context.pty, bus: context.bus,
            faults: context.faults, loop: context.loop, ports: context.ports, report: context.report,
            observe: context.observe)
    }
}

extension RecordingSettings.Order {
    fileprivate var afterTheEnd: String {
        switch self {
        case .latest: "its last values stay"
        case .strict: "every request counts as unseen"
        }
    }
}

extension RecordingSurvey {
    /// How much it holds, such as `1063 exchanges of unit 1 in 22 m 3 s`.
    fileprivate var text: String {
        let names = units.keys.sorted().map(\.description).joined(separator: ", ")
        let seconds = ((end ?? 0) - (start ?? 0)) / 1_000_000
        let time = seconds < 60 ? "\(seconds) s" : "\(seconds / 60) m \(seconds % 60) s"
        return "\(exchanges.counted("exchange")) of unit\(units.count == 1 ? "" : "s") \(names) in \(time)"
    }
}
