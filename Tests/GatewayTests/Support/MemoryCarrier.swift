import Modbus
import NIOCore
import NIOEmbedded
import Testing
import Transport

/// A serial port in memory, with units behind it that answer as long as the test lets them.
final class MemoryCarrier: Carrier {
    let place: String
    let boundaries = CarrierBoundaries.stream
    let isServer = false
    var received: (ByteBuffer) -> Void = { _ in }
    var report: (CarrierEvent) -> Void = { _ in }
    /// Whether units answer; each register has the last letter of the place.
    var answers = true
    private(set) var isOpen = false
    private(set) var written: [[UInt8]] = []
    private let ports: MemoryPorts
    private var closing: EventLoopPromise<Void>?

    /// From the request to the whole reply.
    static let replyTime: TimeAmount = .milliseconds(50)

    init(at place: String, _ ports: MemoryPorts) {
        self.place = place
        self.ports = ports
    }

    func open() {
        guard !ports.refused.contains(place) else { return report(.notOpened(reason: "\(place): not there")) }
        #expect(ports.holder(of: place) == nil, "\(place) is open still")
        ports.take(place, for: self)
        ports.note("open \(place)")
        isOpen = true
        report(.opened())
    }

    func write(_ bytes: [UInt8]) {
        #expect(isOpen, "\(place) is written to while it is not open")
        written.append(bytes)
        guard answers, let request = RTUFrame(bytes) else { return }
        let carrier = NIOLoopBound(self, eventLoop: ports.loop)
        ports.loop.scheduleTask(in: Self.replyTime) {
            if carrier.value.isOpen { carrier.value.reply(to: request) }
        }
    }

    func noteUse() {}

    func reopen() {}

    func close(_ reason: String) {}

    func stop() -> EventLoopFuture<Void> {
        isOpen = false
        guard ports.closesSlowly, ports.holder(of: place) === self else {
            free()
            return ports.loop.makeSucceededVoidFuture()
        }
        let closing = ports.loop.makePromise(of: Void.self)
        self.closing = closing
        return closing.futureResult
    }

    private func free() {
        if ports.holder(of: place) === self { ports.note("close \(place)") }
        ports.release(place, of: self)
    }
}

extension MemoryCarrier {
    /// What was written, as far as it is frames.
    var frames: [RTUFrame] { written.compactMap { RTUFrame($0) } }

    /// What was asked: address and unit.
    var asked: [UInt16?] { frames.map { $0.pdu.word(at: 1) } }

    func receive(_ bytes: [UInt8]) { received(ByteBuffer(bytes: bytes)) }

    /// Answers what was asked last.
    func reply() {
        if let request = frames.last { reply(to: request) }
    }

    func reply(to request: RTUFrame) {
        let value = UInt16(place.utf8.last ?? 0)
        let count = Int(request.pdu.word(at: 3) ?? 0)
        let reply =
            request.pdu.function.isRead
            ? PDU(registers: [UInt16](repeating: value, count: count), replyTo: request.pdu.function) : request.pdu
        receive(RTUFrame(unit: request.unit, pdu: reply).bytes)
    }

    /// The port hangs up.
    func lose(_ reason: String) {
        isOpen = false
        free()
        report(.lost(reason: reason))
    }

    /// A port that closes slowly is closed.
    func finishClosing() {
        free()
        closing?.succeed()
        closing = nil
        ports.loop.run()
    }
}
