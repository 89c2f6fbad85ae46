import Broker
import Modbus
import Simulator
import Testing

/// A simulated line that takes bytes as they come, as a pseudo-terminal gives them.
@Suite struct SimulatedLineTests {
    private let timeline = VirtualTimeline()
    private let heard = Heard()

    private final class Heard { var bytes: [UInt8] = [] }

    private func makeLine() -> SimulatedLine {
        var settings = SimulatedLine.Settings()
        settings.takesWholeFrames = false
        settings.thinkingTime = .milliseconds(20) ... .milliseconds(20)
        return SimulatedLine(
            settings: settings, timeline: timeline, random: RandomSource(seed: 1),
            units: [(1, { PDU(registers: [0x1234], replyTo: $0.function) })]
        ) { [heard] in heard.bytes += $0 }
    }

    private func read(_ address: UInt16) -> [UInt8] {
        RTUFrame(unit: 1, pdu: PDU(read: .readInputRegisters, address: address, quantity: 1)).bytes
    }

    private var reply: [UInt8] {
        RTUFrame(unit: 1, pdu: PDU(registers: [0x1234], replyTo: .readInputRegisters)).bytes
    }

    @Test func `R6 a read behind noise is answered within the silences that tell it apart, not with the next request`()
    {
        let line = makeLine()
        line.transmit((0..<60).map { UInt8(truncatingIfNeeded: $0 * 37 + 11) } + read(0))
        timeline.run(until: timeline.now + .milliseconds(400))
        #expect(heard.bytes == reply)
        line.transmit(read(100))
        timeline.run(until: timeline.now + .milliseconds(400))
        #expect(heard.bytes == reply + reply)
    }

    @Test func `a request that comes in pieces is one request`() {
        let line = makeLine()
        for byte in read(0) {
            line.transmit([byte])
            timeline.run(until: timeline.now + .milliseconds(2))
        }
        timeline.run(until: timeline.now + .milliseconds(400))
        #expect(heard.bytes == reply)
    }
}
