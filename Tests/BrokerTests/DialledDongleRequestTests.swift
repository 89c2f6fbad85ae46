import Modbus
import Testing

@testable import Broker

/// What of a newcomer's bytes makes it the dongle, and what of them is delivered.
@Suite struct DialledDongleRequestTests {
    private static let first = RTUFrame(unit: 1, pdu: .input(3000, 4)).bytes
    private static let second = RTUFrame(unit: 1, pdu: .input(7)).bytes
    /// Begins like a write of 29 bytes.
    private static let header: [UInt8] = [1, 0x10, 0, 0, 0, 10, 20]

    private static let foreign: [[UInt8]] = [
        Array("GET / HTTP/1.0\r\n\r\n".utf8), [0x16, 0x03, 0x01, 0x00, 0x6A, 0x01, 0x00], [0x01], first.dropLast(),
        first.dropLast() + [0x00],
    ]

    private var decision = DialledDongle()
    private var now = Instant.start + .seconds(1000)

    init() {
        _ = decision.came(1, at: now)
        _ = decision.came(2, at: now)
    }

    private mutating func hear(_ bytes: [UInt8], after silence: Duration = .zero) -> [DialledDongle.Effect] {
        now = now + silence
        return decision.received(bytes, from: 2, isLent: false, at: now)
    }

    /// What is delivered of a newcomer that becomes the dongle; nil: it does not.
    private mutating func delivered(_ bytes: [UInt8], after silence: Duration = .zero) -> [UInt8]? {
        let effects = hear(bytes, after: silence)
        guard effects.contains(.opened), case .deliver(let delivered)? = effects.last else { return nil }
        return delivered
    }

    @Test(arguments: foreign)
    mutating func `what is no whole request takes nobody's place`(bytes: [UInt8]) {
        #expect(hear(bytes) == [])
        #expect(hear([0x00], after: .seconds(1)) == [])
    }

    @Test mutating func `a request may come byte by byte, with pauses that a serial server makes`() {
        for byte in Self.first.dropLast() { #expect(hear([byte], after: .milliseconds(499)) == []) }
        #expect(delivered([Self.first.last ?? 0]) == Self.first)
    }

    @Test mutating func `a pause of 500 ms ends what has begun`() {
        #expect(hear(Array(Self.first.prefix(4))) == [])
        #expect(hear(Array(Self.first.dropFirst(4)), after: .milliseconds(500)) == [])
    }

    @Test mutating func `what comes behind the request is delivered too, and noise before it is not`() {
        #expect(
            delivered([0x55] + Self.first + [0x55] + Self.second.prefix(3)) == Self.first + [0x55]
                + Self.second.prefix(3))
    }

    @Test mutating func `what was asked before a silence shows who it is, but is not answered`() {
        #expect(hear(Self.header + Self.first) == [])
        #expect(delivered(Self.second, after: .milliseconds(500)) == Self.second)
    }

    @Test mutating func `after it, whatever comes next makes it the dongle`() {
        #expect(hear(Self.header + Self.first) == [])
        #expect(delivered([0x55], after: .milliseconds(500)) == [0x55])
    }

    @Test mutating func `without a silence it may still be something else`() {
        #expect(hear(Self.header + Self.first) == [])
        #expect(hear(Self.second, after: .milliseconds(499)) == [])
    }

    @Test mutating func `a function of unknown layout could be anything with an intact CRC`() {
        #expect(hear(RTUFrame(unit: 1, pdu: .unknown).bytes) == [])
        #expect(hear([0x00], after: .seconds(1)) == [])
        #expect(decision.dongle == 1)
    }

    @Test mutating func `a write directly behind noise may be a chance find`() {
        let write = RTUFrame(unit: 1, pdu: .write(3, 4)).bytes
        #expect(hear([0xFF] + write) == [])
        #expect(hear(write, after: .milliseconds(99)) == [])
        #expect(delivered(write, after: .milliseconds(100)) == write)
    }

    @Test mutating func `who sends 16,384 bytes without a request is closed`() {
        let noise = [UInt8](repeating: 0xFF, count: 1024)
        for _ in 0..<15 { #expect(hear(noise) == []) }
        #expect(hear(Array(noise.dropLast())) == [])
        let reason = "what it sends is no Modbus RTU; are the baud rate and the format right?"
        #expect(hear([0xFF]) == [.close(2, reason: reason)])
        #expect(hear(Self.first) == [])
        #expect(decision.dongle == 1)
    }
}
