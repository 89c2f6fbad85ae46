internal import Broker
internal import Modbus
internal import Simulator

/// A line that answers as recorded: to each request its replies in their order, after their time, or not at all.
final class RecordedLine: BusLink {
    private struct Recording {
        let delay: Duration
        /// Empty: none came.
        let reply: [UInt8]
    }

    /// The recordings of one request. After the last, its last reply comes again and again.
    private struct Recordings {
        var all: [Recording] = []
        var position = 0

        mutating func next() -> Recording? {
            defer { position += 1 }
            return position < all.count ? all[position] : all.last { !$0.reply.isEmpty }
        }
    }

    /// What comes back to the broker at this very instant.
    struct Arrival {
        let request: [UInt8]
        let reply: [UInt8]
        let instant: Instant
    }

    private let timeline: VirtualTimeline
    /// By the bytes of the request. Only looked up.
    private var recordings: [[UInt8]: Recordings] = [:]
    weak var bus: Bus?
    var onTransmit: (([UInt8]) -> Void)?
    var onReply: (() -> Void)?
    private(set) var latest: Arrival?
    private(set) var transmissions = 0
    private var isReplyOnTheWay = false
    /// Requests that were sent while a reply was on its way (R1).
    private(set) var collisions = 0

    /// - Parameter scale: so much longer than recorded takes each reply.
    init(_ log: CaptureLog, scale: Double, timeline: VirtualTimeline) {
        self.timeline = timeline
        var pending: [String: CaptureLog.Line] = [:]
        for line in log.lines {
            switch line.role {
            case .request: pending[line.client] = line
            case .reply:
                guard let request = pending.removeValue(forKey: line.client) else { continue }
                let recording = Recording(delay: (line.instant - request.instant) * scale, reply: line.bytes)
                recordings[request.bytes, default: Recordings()].all.append(recording)
            case .dropped: break
            }
        }
    }

    func transmit(_ bytes: [UInt8]) {
        transmissions += 1
        if isReplyOnTheWay { collisions += 1 }
        onTransmit?(bytes)
        guard let recording = recordings[bytes]?.next(), !recording.reply.isEmpty else { return }
        isReplyOnTheWay = true
        timeline.schedule(at: timeline.now + recording.delay) { [weak self] in self?.deliver(recording.reply, to: bytes)
        }
    }

    private func deliver(_ reply: [UInt8], to request: [UInt8]) {
        isReplyOnTheWay = false
        latest = Arrival(request: request, reply: reply, instant: timeline.now)
        onReply?()
        bus?.received(reply)
    }

    func reopen() { bus?.lineOpened() }
}
