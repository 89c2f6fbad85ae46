import Broker
import Glibc
import Modbus
import Simulator

/// A recording in place of the units of ``BackendBench``: each took 40 ms to answer.
enum RecordedBench {
    /// What was asked of which unit, who answered, and what.
    private typealias Call = (unit: UInt8, request: PDU, answering: UInt8, reply: PDU)

    /// Often enough for every test.
    private static let repetitions = 300

    private static var calls: [Call] {
        let coils = PDU(read: .readCoils, address: 0, quantity: 1)
        return [
            (1, .readOne, 1, .one(11)), (2, .readOne, 2, .one(22)), (0, .readOne, 1, .one(11)),
            (1, coils, 1, PDU(exception: .illegalFunction, to: .readCoils)), (1, .write(5), 1, .write(5)),
        ]
    }

    /// The backend, and what stops it.
    static func made(_ timeline: VirtualTimeline, isStrict: Bool) -> (any Backend, () -> Void) {
        var settings = RecordingPlayback.Settings()
        settings.isStrict = isStrict
        let playback = playback(settings, timeline.now)
        let backend = SimulatedUnitsBackend(
            units: playback.units, timeline: timeline)
        let stop = {
            withExtendedLifetime(playback) { backend.stop() }
        }
        return (backend, stop)
    }

    private static func playback(_ settings: RecordingPlayback.Settings, _ origin: Instant) -> RecordingPlayback {
        let path = "/tmp/recorded-bench-\(getpid())-\(UInt64.random(in: 0 ... .max)).jsonl"
        guard let file = fopen(path, "w") else { fatalError("\(path): \(String(cString: strerror(errno)))") }
        for _ in 0..<repetitions { fputs(calls.map(lines).joined(), file) }
        fclose(file)
        // The file is short enough to be read ahead to its end.
        defer { unlink(path) }
        do {
            return RecordingPlayback(
                settings, try LoadedRecording(settings, path, report: { print($0) }), origin: origin)
        } catch {
            fatalError("\(error)")
        }
    }

    /// As the prototype logged them, all at the same instant.
    private static func lines(_ call: Call) -> String {
        let request = RTUFrame(unit: UnitIdentifier(rawValue: call.unit), pdu: call.request)
        let reply = RTUFrame(unit: UnitIdentifier(rawValue: call.answering), pdu: call.reply)
        return """
            {"role":"REQ","from_client":"SHINE","hex":"\(hex(request))","ts":"2025-09-21T19:58:43.000"}
            {"role":"RSP","to_client":"SHINE","hex":"\(hex(reply))","ts":"2025-09-21T19:58:43.040"}

            """
    }

    private static func hex(_ frame: RTUFrame) -> String {
        frame.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
