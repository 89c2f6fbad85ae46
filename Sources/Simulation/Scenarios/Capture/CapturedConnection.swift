internal import Broker
internal import Modbus
internal import Simulator

/// One TCP connection of a capture, which asks what was recorded and checks what it is told.
final class CapturedConnection {
    let name: String
    private let timeline: VirtualTimeline
    private let line: RecordedLine
    private var session: TCPClientSession?
    private var transaction: UInt16 = 0
    private(set) var runs = RequestRuns()
    private(set) var stale: [String] = []
    private var asked: [UInt16: [UInt8]] = [:]

    init(name: String, core: Core, line: RecordedLine) {
        self.name = name
        timeline = core.timeline
        self.line = line
        let address = name.split(separator: ":").dropFirst().first.map(String.init) ?? name
        session = core.tcpSession(of: Client(kind: .tcp, name: name, address: address)) { [weak self] in
            self?.received($0)
        }
    }

    func ask(_ request: RTUFrame) {
        transaction &+= 1
        asked[transaction] = request.bytes
        runs.asked(request.bytes, at: timeline.now)
        let frame = TCPFrame(transaction: transaction, unit: request.unit, pdu: request.pdu)
        session?.received(frame, arrived: timeline.now)
    }

    private func received(_ frame: TCPFrame) {
        let bytes = RTUFrame(unit: frame.unit, pdu: frame.pdu).bytes
        let request = asked.removeValue(forKey: frame.transaction)
        if let latest = line.latest, latest.instant == timeline.now, latest.reply == bytes, latest.request == request {
            if frame.transaction == transaction { runs.answered(at: timeline.now) }
        } else if frame.pdu.exceptionCode == nil {
            stale.append("\(name) \(Double(timeline.now.nanoseconds) / 1e9) \(bytes.hexadecimal)")
        }
    }
}
