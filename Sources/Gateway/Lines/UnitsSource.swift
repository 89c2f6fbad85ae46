internal import Broker
internal import Growatt
internal import Modbus
internal import NIOCore
internal import SerialLine
internal import Settings
internal import Simulator
internal import Transport

/// Simulated units: in place of a line for the gateway's clients, and at the end of pseudo-terminals for any other.
final class UnitsSource: GatewaySource {
    private let registers: () -> [(UnitIdentifier, Dataset.Unit)]
    private let units: SimulatedUnitsBackend
    private let ports: [SimulatedUnitPort]
    private let loop: any EventLoop

    /// - Parameters:
    ///   - registers: those of the units at this moment.
    ///   - bus: what a line would be like; its silences and retries are not imitated.
    ///   - baud: how fast pseudo-terminals carry bytes, and the only speed that they understand; nil: at once, and any.
    ///   - faults: what disturbs the ports; the backend is disturbed by who wraps it.
    init(
        _ units: [(UnitIdentifier, any SimulatedUnit)], registers: @escaping () -> [(UnitIdentifier, Dataset.Unit)],
        replyTime: Duration, baud: Int?, pty: [String], bus: BusSettings, faults: FaultInjector?,
        loop: any EventLoop, ports making: any GatewayPorts, report: @escaping (String) -> Void,
        observe: @escaping (BrokerEvent) -> Void
    ) throws {
        self.registers = registers
        self.loop = loop
        var backendSettings = SimulatedUnitsBackend.Settings()
        backendSettings.replyTime = replyTime
        backendSettings.responseTimeout = bus.responseTimeout
        self.units = SimulatedUnitsBackend(
            backendSettings, units: units, timeline: EventLoopTimeline(loop))
        var line = SimulatedLine.Settings()
        // A pseudo-terminal carries bytes at once, unless a line is to be imitated.
        line.timing = LineTiming(baud: baud ?? 1_000_000_000, bitsPerCharacter: 10)
        line.responseTimeout = bus.responseTimeout
        line.thinkingTime = replyTime...replyTime
        line.takesWholeFrames = false
        ports = try pty.map { path in
            try SimulatedUnitPort(
                path, baud: baud, line, units: units, faults: faults, loop: loop, ports: making, report: report,
                observe: observe)
        }
    }

    var backend: any Backend { units }

    var status: BusStatus? { nil }

    func apply(_ settings: BusSettings) {}

    func renewNames() {
        for port in ports { port.renewLink() }
    }

    var blocks: [PollBlock] {
        registers().flatMap { name, registers in
            [(RegisterTable.holding, registers.holding), (.input, registers.input), (.meter, registers.meter)]
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

    func open(_ isReady: @escaping () -> Void) {
        for port in ports { port.open() }
        isReady()
    }

    func stop(_ done: @escaping () -> Void) {
        units.stop()
        done()
    }

    func close(_ done: @escaping () -> Void) {
        for port in ports { port.close() }
        done()
    }
}
