import Broker
import Modbus
import SerialLine
import Simulator
import Testing

@testable import Tools

/// A probe of a simulated line, in virtual time: every speed and format, parity too.
struct ProbeLineTests {
    private static let bauds = [2400, 9600, 19200, 115200]
    private static let formats = ["8N1", "8E1", "8O1", "8N2"]

    private static func settings() throws -> [LineSetting] {
        LineSetting.all(bauds: try bauds.map { try BaudRate($0) }, formats: try formats.map { try CharacterFormat($0) })
    }

    @Test func `every combination of speed, format and unit is found`() throws {
        for (number, setting) in try Self.settings().enumerated() {
            for unit in [UnitIdentifier(1), 3] {
                let findings = try probe(GarblingLine(setting, units: [unit], seed: UInt64(number)))
                #expect(findings.verdict == .found(setting), "seed \(number), unit \(unit)")
                #expect(findings.hits.map(\.unit) == [unit], "seed \(number)")
            }
        }
    }

    @Test func `all units of a line are found, through losses and echo`() throws {
        for seed in UInt64(1)...20 {
            let setting = try Self.settings()[Int(seed) % 16]
            let line = GarblingLine(setting, units: [1, 2, 3], seed: seed, echoes: seed.isMultiple(of: 2), loss: 0.05)
            let findings = try probe(line)
            #expect(findings.verdict == .found(setting), "seed \(seed)")
            #expect(findings.hits.count >= 2, "seed \(seed)")
            #expect(findings.isEchoed == line.echoes, "seed \(seed)")
        }
    }

    @Test func `nobody at home is told, with and without echo`() throws {
        let setting = try Self.settings()[0]
        #expect(try probe(GarblingLine(setting, units: [], seed: 1)).verdict == .nothing)
        #expect(try probe(GarblingLine(setting, units: [], seed: 1, echoes: true)).verdict == .echo)
    }

    private func probe(_ line: GarblingLine) throws -> ProbeFindings {
        let plan = ProbePlan(settings: try Self.settings(), units: [1, 2, 3], listensFirst: true)
        return try ProbeTool.walk(plan, line, ProbeTool.Timing(), nil)
    }
}

/// A simulated line that garbles what is sent at another setting than its own.
private final class GarblingLine: ProbeLine {
    let echoes: Bool
    private let setting: LineSetting
    private let timeline = VirtualTimeline()
    private var line: SimulatedLine?
    private var garbling: LineGarbling
    private var heard: [UInt8] = []

    init(_ setting: LineSetting, units: [UnitIdentifier], seed: UInt64, echoes: Bool = false, loss: Double = 0) {
        self.setting = setting
        self.echoes = echoes
        garbling = LineGarbling(seed: seed)
        var settings = SimulatedLine.Settings()
        settings.timing = LineTiming(
            baud: setting.baud.bitsPerSecond, bitsPerCharacter: setting.format.bitsPerCharacter)
        settings.takesWholeFrames = false
        settings.faults = [.loss(loss)]
        settings.echoes = echoes
        line = SimulatedLine(
            settings: settings, timeline: timeline, random: RandomSource(seed: seed),
            units: units.map { ($0, { PDU(registers: [7], replyTo: $0.function) }) }
        ) { [weak self] in self?.heard += $0 }
    }

    func listen(at setting: LineSetting?, for duration: Duration) -> ProbeHearing {
        hear(ProbeListener(), at: setting, for: duration)
    }

    func ask(_ request: RTUFrame, at setting: LineSetting?) -> ProbeHearing {
        let fits = setting == self.setting
        line?.transmit(fits ? request.bytes : garbling.garbled(request.bytes))
        return hear(
            ProbeListener(request: request), at: setting, for: .milliseconds(500),
            ownBytes: request.bytes)
    }

    private func hear(
        _ listener: ProbeListener, at setting: LineSetting?, for duration: Duration, ownBytes: [UInt8] = []
    ) -> ProbeHearing {
        var listener = listener
        timeline.run(until: timeline.now + duration)
        // An adapter hears itself at any setting; the line does only at its own.
        if setting == self.setting {
            listener.received(heard)
        } else {
            listener.received(echoes ? ownBytes : garbling.garbled(heard))
        }
        heard = []
        listener.end()
        return listener.hearing
    }
}
