import Modbus
import Testing
import TestSupport

@testable import Broker
import WireLog

/// What a real dongle sends and hears, as a passthrough would see it: ordinary polling, with its repeats, glued requests,
/// boot text, lost and late replies.
@Suite(.enabled(if: RealData.isPresent, "no recording at \(RealData.recording); GROWATT_BROKER_DATA names its folder"))
struct RealPollingTests {
    private func now(_ line: RecordedLine) -> Instant { Instant(nanoseconds: line.microseconds * 1000) }

    /// The lines of the dongle, each with what the watch knows after it.
    private func watched(_ look: (RecordedLine, inout UpdateWatch, Instant) -> Void) throws {
        var settings = PassthroughSettings()
        settings.clientTiming = LineTiming(baud: 115_200, bitsPerCharacter: 10)
        settings.lineTiming = settings.clientTiming
        settings.updateRegisters = [31]
        var watch = UpdateWatch(settings)
        var reader = RecordingReader()
        try reader.read(RealData.recording) { line in
            guard line.client?.name == "SHINE", !line.bytes.isEmpty else { return }
            switch line.kind {
            case .request, .drop: watch.received(fromClient: line.bytes, at: now(line))
            case .reply: watch.received(fromLine: line.bytes, at: now(line))
            default: return
            }
            look(line, &watch, now(line))
        }
    }

    @Test func `only writes, their answers and boot text are taken for an update`() throws {
        var suspects: [String] = []
        var last: Instant?
        try watched { line, watch, _ in
            defer { last = watch.lastByte }
            guard let byte = watch.lastByte, byte != last else { return }
            suspects.append("\(line.kind) \(line.bytes.dropFirst().first ?? 0)")
        }
        let counts = Dictionary(suspects.map { ($0, 1) }, uniquingKeysWith: +)
        // 28 writes, 13 of them executed and 10 refused, and one restart of the dongle's chip; 1,000 requests are none.
        #expect(counts == ["request 6": 28, "reply 6": 13, "reply 134": 10, "drop 10": 1])
    }

    @Test func `the line could be taken back five minutes after the writes, while the dongle polls on`() throws {
        var quiet: [Instant] = []
        var busy: [Instant] = []
        try watched { _, watch, now in
            guard watch.lastByte != nil else { return }
            if watch.isQuiet(at: now) { quiet.append(now) } else { busy.append(now) }
        }
        // 785 s pass between the writes of the clock and those of the next settings.
        let first = try #require(quiet.first)
        let last = try #require(quiet.last)
        #expect(quiet.count > 200)
        #expect(busy.allSatisfy { $0 < first || $0 > last })
        #expect((Duration.seconds(480) ... .seconds(485)).contains(last - first))
    }
}
