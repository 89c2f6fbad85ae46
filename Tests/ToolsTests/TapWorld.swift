import Broker
import Modbus

@testable import Simulator
@testable import Tools

/// A simulated dongle and a simulated unit on one line, and taps on it: what they had, and what the tap has seen.
final class TapWorld {
    struct Settings {
        var loss = 0.0
        var noise = 0.0
        var gluing = 0.0
        var isSingle = true
        /// Bytes that pass before listening begins.
        var deafFor = 0
        var seconds = 60
    }

    struct Seen: Equatable, CustomStringConvertible {
        let request: RTUFrame
        var reply: RTUFrame?

        var description: String {
            "\(request.unit)/\(request.pdu.bytes.prefix(5)) → \(reply.map { "\($0.pdu.bytes.count) bytes" } ?? "–")"
        }
    }

    private let settings: Settings
    private let timeline = VirtualTimeline()
    private var random: RandomSource
    private var line: SimulatedLine?
    private var dongle: SimulatedDongle?
    private var reader: TapReader
    private var passed = 0
    private var isHeard = true
    /// What has been had since the tap hears: requests that the unit heard, and their replies as far as they came.
    private(set) var had: [Seen] = []
    private var hadNumbers: [Int: Int] = [:]
    /// The request whose reply is delivered with the next bytes.
    private var replied: Int?
    /// What came since the last reply.
    private var replyBytes: [UInt8] = []
    private(set) var seen: [Seen] = []
    private var open: [Query.ID: Int] = [:]
    /// Whether the dongle gave a request up just before its reply began: listening cannot tell whose that reply is.
    private(set) var hasCrossing = false

    init(_ settings: Settings, seed: UInt64) {
        self.settings = settings
        random = RandomSource(seed: seed)
        let timing = LineTiming(baud: 115_200, bitsPerCharacter: 10)
        reader = TapReader(
            client: Client(kind: .dongle, name: "TAP", address: "TAP"), isSingle: settings.isSingle, timing: timing)
        makeLine(timing)
        makeDongle()
    }

    var counts: TapReader.Counts { reader.counts }

    func run() {
        dongle?.boot()
        timeline.run(until: .start + .seconds(settings.seconds))
        // The last exchange runs to its end.
        dongle = nil
        timeline.run(until: timeline.now + .seconds(5))
        take(reader.advance(to: timeline.now))
        take(reader.end(at: timeline.now))
    }

    private func makeLine(_ timing: LineTiming) {
        var lineSettings = SimulatedLine.Settings()
        lineSettings.timing = timing
        lineSettings.takesWholeFrames = false
        lineSettings.largestPiece = 40
        lineSettings.faults = [
            .loss(settings.loss), FaultRule(NoiseBeforeFault(), settings.noise),
            FaultRule(NoiseAfterFault(), settings.noise), FaultRule(SplitFault(), settings.noise),
        ]
        let unit = DatasetUnit.demo()
        let line = SimulatedLine(
            settings: lineSettings, timeline: timeline, random: random.split(),
            units: [(1, { [timeline] request in unit.answer(request, at: timeline.now) })]
        ) { [weak self] in self?.deliver($0) }
        line.onRequest = { [weak self] number, frame in self?.note(number, frame) }
        line.onReply = { [weak self] number, _ in self?.replied = number }
        self.line = line
    }

    private func makeDongle() {
        let dongle = SimulatedDongle(
            timeline: timeline, random: random.split()
        ) { [weak self] in self?.send($0) }
        dongle.gluing = settings.gluing
        for number in UInt16(0)..<5 {
            dongle.extraRequests += [
                RTUFrame(unit: 1, pdu: PDU(write: .writeSingleRegister, address: 3049, value: number)),
                RTUFrame(unit: 1, pdu: PDU(read: .readHoldingRegisters, address: 3049, quantity: 1)),
                RTUFrame(unit: 9, pdu: PDU(read: .readHoldingRegisters, address: number, quantity: 2)),
            ]
        }
        self.dongle = dongle
    }

    private func note(_ number: Int, _ frame: RTUFrame) {
        guard isHeard else { return }
        hadNumbers[number] = had.count
        had.append(Seen(request: frame))
    }

    private func send(_ bytes: [UInt8]) {
        isHeard = passed >= settings.deafFor
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...12, using: &random))
            hear(Array(piece), .requests)
            rest = rest.dropFirst(piece.count)
        }
        line?.transmit(bytes)
    }

    private func deliver(_ bytes: [UInt8]) {
        hear(bytes, .replies)
        dongle?.received(bytes)
        replyBytes += bytes
        guard let number = replied else { return }
        replied = nil
        if let index = hadNumbers[number] {
            had[index].reply = lastReply(to: had[index].request)
            if settings.gluing == 0, index < had.count - 1 { hasCrossing = true }
        }
        replyBytes = []
    }

    /// The reply that ends in what was delivered; noise may stand around it.
    private func lastReply(to request: RTUFrame) -> RTUFrame? {
        let shape = ReplyShape(unit: request.unit, request: request.pdu)
        for start in replyBytes.indices {
            let rest = replyBytes[start...]
            if case .bytes(let length) = shape.match(rest), rest.count >= length,
                let frame = RTUFrame(rest.prefix(length))
            {
                return frame
            }
        }
        return nil
    }

    private func hear(_ bytes: [UInt8], _ side: TapReader.Side) {
        let heard = bytes.dropFirst(max(0, settings.deafFor - passed))
        passed += bytes.count
        guard !heard.isEmpty else { return }
        // As a program that waits until then would.
        while let wake = reader.wake, wake <= timeline.now { take(reader.advance(to: wake)) }
        take(reader.received(Array(heard), on: settings.isSingle ? .both : side, at: timeline.now))
    }

    private func take(_ events: [BrokerEvent]) {
        for event in events {
            switch event {
            case .request(let query):
                open[query.id] = seen.count
                seen.append(Seen(request: RTUFrame(unit: query.lineUnit, pdu: query.pdu)))
            case .finished(let exchange, _):
                guard let index = open.removeValue(forKey: exchange.query.id) else {
                    preconditionFailure("an end without a beginning")
                }
                if case .success(let frame) = exchange.result { seen[index].reply = frame }
            default: break
            }
        }
    }

    /// Requests whose end has not been told.
    var openCount: Int { open.count }
}
