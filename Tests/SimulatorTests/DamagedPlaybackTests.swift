import Broker
import Modbus
import Simulator
import Testing
import TestSupport

/// What the units of `replay` and of a line that plays a recording make of files that were damaged at random.
@Suite("Damaged files that are played")
struct DamagedPlaybackTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private static let ways: [RecordingPlayback.Settings] = [nil, 1, 1e-6, 1e6].flatMap { speed in
        [false, true].map { isStrict in
            var settings = RecordingPlayback.Settings()
            (settings.speed, settings.isStrict, settings.isSilentWhenUnseen) = (speed, isStrict, isStrict)
            return settings
        }
    }

    private static let instants: [Duration] = [.zero, .milliseconds(1), .seconds(2), .seconds(86_400), .seconds(1e9)]

    @Test(arguments: 1...150 as ClosedRange<UInt64>)
    func `each unit answers what it was asked in a damaged recording, in a time of its own`(seed: UInt64) throws {
        let path = directory["x.jsonl"]
        try makeFile(path, Damage.recording(seed: seed))
        for settings in Self.ways {
            let recording = try LoadedRecording(settings, path, report: { Issue.record("\($0)") })
            let playback = RecordingPlayback(settings, recording, origin: .start)
            let requests =
                [PDU(read: .readHoldingRegisters, address: 0, quantity: 2)]
                + recording.survey.requests.keys.map(\.pdu)
            for (_, unit) in playback.units {
                for instant in Self.instants {
                    for request in requests { ask(request, of: unit, at: .start + instant, "seed \(seed)") }
                }
            }
            #expect(playback.registers.count == playback.units.count)
        }
    }

    private func ask(_ request: PDU, of unit: any SimulatedUnit, at instant: Instant, _ comment: Comment) {
        let reply = unit.answer(request, at: instant)
        #expect(reply == nil || reply?.function.withoutExceptionBit == request.function, comment)
        #expect(unit.replyTime(to: request) ?? .zero >= .zero, comment)
    }
}
