import Broker
import Modbus
import Simulator

/// A line that records what is transmitted, and answers as the test has it.
final class ScriptedLine: BusLink {
    struct Transmission {
        let instant: Instant
        let bytes: [UInt8]

        var frame: RTUFrame? { RTUFrame(bytes) }
    }

    /// Bytes that come back, this long after the end of the transmission.
    typealias Piece = (after: Duration, bytes: [UInt8])

    private let timeline: VirtualTimeline
    private let timing: LineTiming
    weak var bus: Bus?
    private(set) var transmissions: [Transmission] = []
    private(set) var reopenings: [Instant] = []
    /// How often the bus has said that something useful has come, so far and at each transmission.
    private(set) var uses = 0
    private(set) var usesAtTransmission: [Int] = []
    /// What comes back for a request; without it every unit is dead.
    var respond: (RTUFrame) -> [Piece] = { _ in [] }
    /// Whether the adapter hears what it transmits.
    var echoes = false
    /// Whether ``reopen()`` opens the line at once.
    var opensAgain = true

    init(timeline: VirtualTimeline, timing: LineTiming) {
        self.timeline = timeline
        self.timing = timing
    }

    func transmit(_ bytes: [UInt8]) {
        transmissions.append(Transmission(instant: timeline.now, bytes: bytes))
        usesAtTransmission.append(uses)
        let end = timeline.now + timing.time(of: bytes.count)
        if echoes { deliver(bytes, at: end) }
        guard let frame = RTUFrame(bytes) else { return }
        for piece in respond(frame) { deliver(piece.bytes, at: end + piece.after) }
    }

    func noteUse() { uses += 1 }

    func reopen() {
        reopenings.append(timeline.now)
        if opensAgain { timeline.schedule(at: timeline.now) { [weak self] in self?.bus?.lineOpened() } }
    }

    func deliver(_ bytes: [UInt8], at instant: Instant) {
        timeline.schedule(at: instant) { [weak self] in self?.bus?.received(bytes) }
    }

    /// Forgets what was transmitted before the subject of the test.
    func forget() { transmissions = [] }

    /// What was transmitted, without unit and CRC.
    var sent: [PDU] { transmissions.compactMap { $0.frame?.pdu } }

    var instants: [Instant] { transmissions.map(\.instant) }
}
