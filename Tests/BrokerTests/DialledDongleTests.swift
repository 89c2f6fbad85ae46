import Modbus
import Testing

@testable import Broker

/// Which connection is the dongle where a serial server dials in.
@Suite struct DialledDongleTests {
    private static let replaced = "a newer connection has taken its place"
    private static let late = "it has asked nothing"
    private static let crowded = "it has asked nothing, and others have come"
    private static let updating = "a firmware update goes on"

    private var decision = DialledDongle()
    private var now = Instant.start + .seconds(1000)

    private static func request(_ address: UInt16) -> [UInt8] { RTUFrame(unit: 1, pdu: .input(address)).bytes }

    private static func takesOver(from older: Int, with bytes: [UInt8]) -> [DialledDongle.Effect] {
        [.close(older, reason: replaced), .lost(reason: replaced), .opened, .deliver(bytes)]
    }

    private mutating func come(_ connections: ClosedRange<Int>) -> [DialledDongle.Effect] {
        connections.flatMap { decision.came($0, at: now) }
    }

    private mutating func hear(
        _ bytes: [UInt8], from connection: Int, isLent: Bool = false
    ) -> [DialledDongle.Effect] {
        decision.received(bytes, from: connection, isLent: isLent, at: now)
    }

    private mutating func pass(_ time: Duration) -> [DialledDongle.Effect] {
        now = now + time
        return decision.advance(to: now)
    }

    // MARK: Which one it is

    @Test mutating func `the first connection is the dongle, whatever it sends`() {
        #expect(come(1...1) == [.opened])
        #expect(decision.dongle == 1)
        #expect(hear([9], from: 1) == [.deliver([9])])
    }

    @Test mutating func `a newer connection is the dongle with its first whole request`() {
        #expect(come(1...2) == [.opened])
        let request = Self.request(3)
        #expect(hear(Array(request.dropLast()), from: 2) == [])
        #expect(hear([request.last ?? 0], from: 2) == Self.takesOver(from: 1, with: request))
        #expect(decision.dongle == 2)
    }

    @Test mutating func `of several it is the one that has asked last`() {
        _ = come(1...3)
        #expect(hear(Self.request(1), from: 3) == Self.takesOver(from: 1, with: Self.request(1)))
        #expect(hear(Self.request(2), from: 2) == Self.takesOver(from: 3, with: Self.request(2)))
    }

    @Test mutating func `a connection that was replaced is not heard, and its end is no loss`() {
        _ = come(1...2)
        _ = hear(Self.request(1), from: 2)
        #expect(hear(Self.request(2), from: 1) == [])
        #expect(decision.lost(1, "closed") == [])
        #expect(decision.dongle == 2)
    }

    @Test mutating func `where the dongle is lost, the next to come is the dongle, or the next newcomer that asks`() {
        _ = come(1...2)
        #expect(decision.lost(1, "closed by the client") == [.lost(reason: "closed by the client")])
        #expect(decision.dongle == nil)
        #expect(hear([0x55], from: 2) == [])
        #expect(hear(Self.request(1), from: 2) == [.opened, .deliver(Self.request(1))])
        #expect(decision.lost(2, "gone") == [.lost(reason: "gone")])
        #expect(come(3...3) == [.opened])
    }

    // MARK: Newcomers

    @Test mutating func `of five that have asked nothing the oldest is closed, and not heard any longer`() {
        #expect(come(1...5) == [.opened])
        #expect(come(6...6) == [.close(2, reason: Self.crowded)])
        #expect(come(7...7) == [.close(3, reason: Self.crowded)])
        #expect(hear(Self.request(1), from: 2) == [])
        #expect(decision.dongle == 1)
    }

    @Test mutating func `a newcomer that is gone makes room`() {
        _ = come(1...5)
        #expect(decision.lost(4, "closed") == [])
        #expect(come(6...6) == [])
        #expect(come(7...7) == [.close(2, reason: Self.crowded)])
    }

    @Test mutating func `a newcomer that has asked nothing for 60 s is closed, each in its own time`() {
        _ = come(1...1)
        #expect(decision.nextChange == nil)
        _ = come(2...2)
        let first = now
        #expect(pass(.seconds(20)) == [])
        _ = come(3...3)
        #expect(decision.nextChange == first + .seconds(60))
        #expect(pass(.milliseconds(39_999)) == [])
        #expect(pass(.milliseconds(1)) == [.close(2, reason: Self.late)])
        #expect(decision.nextChange == first + .seconds(80))
        #expect(pass(.seconds(20)) == [.close(3, reason: Self.late)])
        #expect(decision.nextChange == nil)
    }

    @Test mutating func `noise does not prolong a newcomer's time`() {
        _ = come(1...2)
        _ = pass(.seconds(59))
        #expect(hear([0xFF], from: 2) == [])
        #expect(pass(.seconds(1)) == [.close(2, reason: Self.late)])
    }

    @Test mutating func `the dongle may be silent for long`() {
        _ = come(1...2)
        _ = hear(Self.request(1), from: 2)
        #expect(decision.nextChange == nil)
        #expect(pass(.seconds(86_400)) == [])
        #expect(decision.dongle == 2)
    }

    // MARK: A port that is lent

    @Test mutating func `while the port is lent a dongle that was heard in the last 10 s is not replaced`() {
        _ = come(1...1)
        _ = pass(.seconds(60))
        #expect(hear([1, 2, 3], from: 1, isLent: true) == [.deliver([1, 2, 3])])
        _ = come(2...2)
        _ = pass(.milliseconds(9999))
        #expect(hear(Self.request(1), from: 2, isLent: true) == [.close(2, reason: Self.updating)])
        #expect(hear(Self.request(1), from: 2, isLent: true) == [])
        #expect(decision.dongle == 1)
    }

    @Test mutating func `while the port is lent any bytes take the place of a dongle that was silent for 10 s`() {
        _ = come(1...2)
        _ = pass(.seconds(10))
        #expect(hear([7], from: 2, isLent: true) == Self.takesOver(from: 1, with: [7]))
    }

    @Test mutating func `while the port is lent a dongle has 10 s from its coming as well`() {
        _ = come(1...2)
        _ = pass(.seconds(10))
        _ = hear([7], from: 2, isLent: true)
        _ = come(3...3)
        _ = pass(.milliseconds(9999))
        #expect(hear([8], from: 3, isLent: true) == [.close(3, reason: Self.updating)])
    }

    @Test mutating func `while the port is lent and there is no dongle the first bytes make one`() {
        _ = come(1...2)
        _ = decision.lost(1, "closed")
        #expect(hear([7], from: 2, isLent: true) == [.opened, .deliver([7])])
    }

    @Test mutating func `without a loan a dongle that was silent for 10 s is replaced by a request only`() {
        _ = come(1...2)
        _ = pass(.seconds(10))
        #expect(hear([7], from: 2) == [])
    }
}
