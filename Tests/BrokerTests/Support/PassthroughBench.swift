@testable import Broker
import Modbus
import Simulator
import Testing

/// A ``Passthrough`` in virtual time, between a dongle's session and a bus, both on ports that tests write to.
///
/// One character lasts 1 ms on both sides; holding register 31 starts an update.
final class PassthroughBench {
    let bench = Bench()
    let passthrough: Passthrough
    let session: SerialClientSession
    private let journal = Journal()
    private let output = Output()

    private final class Output {
        var bytes: [UInt8] = []
        var ends = 0
    }

    init() {
        var clients = ClientSettings.usual
        clients.serialTiming = bench.settings.timing
        var settings = PassthroughSettings()
        settings.clientTiming = bench.settings.timing
        settings.lineTiming = bench.settings.timing
        settings.updateRegisters = [31]
        let (timeline, journal, output) = (bench.timeline, journal, output)
        session = SerialClientSession(
            client: bench.shine, path: DirectPath(to: bench.bus), settings: clients, timeline: timeline,
            observe: { journal.note($0, at: timeline.now) }
        ) { output.bytes += $0 }
        session.portOpened(isPseudoTerminal: false)
        passthrough = Passthrough(
            of: bench.shine, session, with: bench.bus, settings: settings, timeline: timeline,
            observe: { journal.note($0, at: timeline.now) }, whenEnded: { output.ends += 1 })
    }

    /// Starts it on a line that has been used, and is at rest.
    func start(for duration: Duration = .seconds(20 * 60)) {
        bench.warmUp()
        passthrough.start(for: duration)
    }

    var now: Instant { bench.now }

    func run(_ duration: Duration) { bench.run(duration) }

    func dongle(sends bytes: [UInt8]) { session.received(bytes) }

    func inverter(sends bytes: [UInt8]) { bench.bus.received(bytes) }

    /// One ordinary poll, for a second.
    func poll(_ pdu: PDU = .input(3000, 4), isAnswered: Bool = true) {
        let request = RTUFrame(unit: 1, pdu: pdu)
        dongle(sends: request.bytes)
        run(.milliseconds(100))
        if isAnswered { inverter(sends: Unit.reply(to: request).bytes) }
        run(.milliseconds(900))
    }

    func poll(for seconds: Int, isAnswered: Bool = true) {
        for _ in 0..<seconds { poll(isAnswered: isAnswered) }
    }

    // MARK: What came of it

    var atInverter: [UInt8] { bench.line.transmissions.flatMap(\.bytes) }

    var atDongle: [UInt8] { output.bytes }

    var timesEnded: Int { output.ends }

    var isOn: Bool { !passthrough.isEnded }

    /// The bytes of the log, by where they came from.
    func logged(fromLine: Bool) -> [UInt8] {
        journal.events.flatMap { entry -> [UInt8] in
            guard case .passthrough(.bytes(let bytes, let source)) = entry.event else { return [] }
            guard case .line = source else { return fromLine ? [] : bytes }
            return fromLine ? bytes : []
        }
    }

    var lost: [UInt8] {
        journal.events.flatMap {
            if case .discarded(let bytes, _, .portClosed) = $0.event { bytes } else { [UInt8]() }
        }
    }

    /// How it ended, and when.
    var end: (reason: PassthroughEnd, instant: Instant)? {
        for (instant, event) in journal.events {
            if case .passthrough(.ended(let reason, _)) = event { return (reason, instant) }
        }
        return nil
    }

    var timesPutOff: Int {
        journal.events.count { if case .passthrough(.endPutOff) = $0.event { true } else { false } }
    }
}
