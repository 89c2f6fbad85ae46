internal import Broker
internal import Modbus
internal import NIOCore
internal import Recording
internal import SerialLine
internal import Settings
internal import Simulator
internal import Transport

/// Units of a dataset: in place of a line for the gateway's clients, and at the end of pseudo-terminals for any other.
final class DatasetSource: GatewaySource {
    private let units: [(UnitIdentifier, DatasetUnit)]
    private let dataset: DatasetBackend
    private let ports: [SimulatedUnitPort]
    private let loop: any EventLoop

    /// - Parameters:
    ///   - bus: what a line would be like; its silences and retries are not imitated.
    ///   - faults: what disturbs the ports; the backend is disturbed by who wraps it.
    init(
        _ units: [(UnitIdentifier, DatasetUnit)], _ settings: DatasetSettings, pty: [String], bus: BusSettings,
        faults: FaultInjector?, loop: any EventLoop, report: @escaping (String) -> Void,
        observe: @escaping (BrokerEvent) -> Void
    ) throws {
        self.units = units
        self.loop = loop
        let timeline = EventLoopTimeline(loop)
        var backendSettings = DatasetBackend.Settings()
        backendSettings.replyTime = settings.replyTime
        backendSettings.responseTimeout = bus.responseTimeout
        dataset = DatasetBackend(backendSettings, units: units, shapes: bus.shapes, timeline: timeline)
        var line = SimulatedLine.Settings()
        // A pseudo-terminal carries bytes at once, unless a line is to be imitated.
        line.timing = LineTiming(baud: settings.baud ?? 1_000_000_000, bitsPerCharacter: 10)
        line.shapes = bus.shapes
        line.responseTimeout = bus.responseTimeout
        line.thinkingTime = settings.replyTime...settings.replyTime
        line.takesWholeFrames = false
        ports = try pty.map { path in
            try SimulatedUnitPort(
                path, line, units: units, faults: faults, loop: loop, report: report, observe: observe)
        }
    }

    var backend: any Backend { dataset }

    var blocks: [PollBlock] {
        units.flatMap { name, unit in
            let registers = unit.registers
            return [(PollBlock.Table.holding, registers.holding), (.input, registers.input), (.meter, registers.meter)]
                .flatMap { table, values in
                    Self.ranges(values.keys.sorted()).map {
                        PollBlock(unit: name.rawValue, table: table, addresses: $0)
                    }
                }
        }
    }

    /// Consecutive addresses, at most 45 together, which every family answers, and none across a multiple of 45 or 125.
    private static func ranges(_ addresses: [UInt16]) -> [ClosedRange<UInt16>] {
        var ranges: [ClosedRange<UInt16>] = []
        for address in addresses {
            if let last = ranges.last, Int(last.upperBound) + 1 == Int(address), !address.isMultiple(of: 45),
                !address.isMultiple(of: 125)
            {
                ranges[ranges.count - 1] = last.lowerBound...address
            } else {
                ranges.append(address...address)
            }
        }
        return ranges
    }

    func open() {
        for port in ports { port.open() }
    }

    func stop(_ done: @escaping () -> Void) {
        dataset.stop()
        done()
    }

    func close() -> EventLoopFuture<Void> {
        for port in ports { port.close() }
        return loop.makeSucceededVoidFuture()
    }
}

extension GatewayConfiguration {
    /// The units that the settings describe.
    ///
    /// - Throws: `DatasetError` and `YAMLError`.
    static func units(
        _ settings: DatasetSettings, at now: Instant
    ) throws -> [(UnitIdentifier, DatasetUnit)] {
        var unit = DatasetUnit.Settings()
        unit.isStrict = settings.isStrict
        unit.limits = ReadLimits(settings.readLimit) ?? .none
        return try DatasetUnit.units(
            of: Dataset(named: settings.name), file: settings.name, settings: unit,
            profile: settings.profiles.isEmpty ? nil : Profile(settings.profiles),
            clock: SimulatedClock(origin: now, start: settings.startTime, scale: settings.timeScale),
            seed: settings.seed ?? UInt64.random(in: .min ... .max))
    }
}
