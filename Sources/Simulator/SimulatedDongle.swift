package import Broker
package import Modbus

/// A ShineWiFi dongle on its serial port, as the capture shows it.
///
/// A cycle of seven reads, one every 1.5 s; it repeats itself after 0.7–1.5 s, gives up after 2.1 s and moves on, glues
/// requests together, and probes unit 0 at boot behind the boot text of its chip. It takes whatever fits for the answer.
package final class SimulatedDongle {
    package struct Statistics: Sendable {
        /// Distinct requests, without repetitions.
        package var asked = 0
        package var answered = 0
        /// From the first copy of a request to its answer.
        package var waits: [Duration] = []
    }

    /// The reads of the real dongle, in its order.
    package static let cycle: [PDU] = [
        PDU(read: .readHoldingRegisters, address: 180, quantity: 20),
        PDU(read: .readHoldingRegisters, address: 0, quantity: 125),
        PDU(read: .readHoldingRegisters, address: 3000, quantity: 125),
        PDU(read: .readInputRegisters, address: 3000, quantity: 125),
        PDU(read: .readInputRegisters, address: 3125, quantity: 125),
        PDU(read: .readInputRegisters, address: 3250, quantity: 125),
        PDU(read: .readMeter, address: 0, quantity: 100),
    ]

    private static let step: Duration = .milliseconds(1500)
    private static let patience: Duration = .milliseconds(2100)
    private static let bootText = Array(
        "\r\n ets Jan  8 2013,rst cause:2, boot mode:(3,7)\r\n\r\nload 0x40100000, len 2408, room 16 \r\n".utf8)

    private let timeline: any Timeline
    private let send: ([UInt8]) -> Void
    private var random: RandomSource
    private var scanner: RTUReplyScanner
    private var timer: (any WakeTimer)?
    private var position = 0
    private var pending: (frame: RTUFrame, first: Instant)?
    private var nextStep = Instant.start
    private var nextRepeat = Instant.distantFuture
    /// How often a request or a repetition is sent twice in one go.
    package var gluing = 0.05
    package private(set) var statistics = Statistics()
    /// Requests that it makes between two of the cycle: writes, mostly.
    package var extraRequests: [RTUFrame] = []

    /// - Parameter send: takes what the dongle writes to its port.
    package init(
        timeline: any Timeline, random: RandomSource, send: @escaping ([UInt8]) -> Void
    ) {
        self.timeline = timeline
        self.random = random
        self.send = send
        scanner = RTUReplyScanner()
        timer = timeline.makeTimer { [weak self] in self?.wake() }
    }

    /// The newest request, while the dongle waits for its answer.
    package var newestRequest: RTUFrame? { pending?.frame }

    /// Starts, or starts again: boot text, then the probe of unit 0 and the cycle.
    package func boot() {
        send(Self.bootText)
        position = 0
        ask(RTUFrame(unit: .broadcast, pdu: PDU(read: .readHoldingRegisters, address: 43, quantity: 1)))
    }

    /// Bytes have come to its port.
    package func received(_ bytes: [UInt8]) {
        guard let pending else { return }
        let expected = ReplyShape(unit: pending.frame.unit, request: pending.frame.pdu)
        for case .reply in scanner.received(bytes, expected: expected, owed: []) {
            statistics.answered += 1
            statistics.waits.append(timeline.now - pending.first)
            self.pending = nil
        }
        setTimer()
    }

    private func ask(_ frame: RTUFrame, behind old: [UInt8] = []) {
        statistics.asked += 1
        pending = (frame, timeline.now)
        nextStep = timeline.now + Self.step
        _ = scanner.drain()
        sendNewest(behind: old)
    }

    private func sendNewest(behind old: [UInt8] = []) {
        guard let pending else { return }
        let bytes = pending.frame.bytes
        nextRepeat = timeline.now + random.duration(.milliseconds(700) ... .milliseconds(1500))
        send(old + (random.chance(gluing) ? bytes + bytes : bytes))
        setTimer()
    }

    private func wake() {
        let now = timeline.now
        if let pending, pending.first + Self.patience <= now {
            // The real one often sends the old request once more, and the new one directly behind it.
            let old = random.chance(gluing * 4) ? pending.frame.bytes : []
            ask(nextRequest(), behind: old)
        } else if pending != nil, nextRepeat <= now {
            sendNewest()
        } else if pending == nil, nextStep <= now {
            ask(nextRequest())
        } else {
            setTimer()
        }
    }

    private func nextRequest() -> RTUFrame {
        if !extraRequests.isEmpty { return extraRequests.removeFirst() }
        defer { position = (position + 1) % Self.cycle.count }
        return RTUFrame(unit: 1, pdu: Self.cycle[position])
    }

    private func setTimer() {
        guard let pending else {
            timer?.set(nextStep)
            return
        }
        timer?.set(min(nextRepeat, pending.first + Self.patience))
    }
}
