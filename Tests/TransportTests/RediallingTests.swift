import Modbus
import NIOCore
import Testing

@testable import Transport

@Suite struct RediallingTests {
    private static let now = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private func lost(_ redialling: inout Redialling, after time: TimeAmount, isUsed: Bool) -> TimeAmount {
        redialling.noteOpened(at: Self.now)
        if isUsed { redialling.noteUse() }
        return redialling.pauseAfterLoss(at: Self.now + time)
    }

    @Test func `R12 a server that closes behind each reply is dialled at once every time`() {
        var redialling = Redialling(pauseAfterUse: .zero)
        let pauses = (0..<10).map { _ in lost(&redialling, after: .milliseconds(20), isUsed: true) }
        #expect(pauses == Array(repeating: .zero, count: 10))
    }

    @Test func `R12 a server that takes connections and says nothing is dialled less and less`() {
        var redialling = Redialling(pauseAfterUse: .zero)
        let uses = Array(repeating: false, count: 7) + [true, false]
        let pauses = uses.map { lost(&redialling, after: .milliseconds(20), isUsed: $0) }
        #expect(pauses == [250, 500, 1000, 2000, 4000, 5000, 5000, 0, 250].map { .milliseconds($0) })
    }

    @Test func `R12 a connection that has lasted is no reason to wait, whatever came over it`() {
        var redialling = Redialling(pauseAfterUse: .milliseconds(250))
        let first = redialling.pauseAfterFailure()
        let lasted = lost(&redialling, after: .seconds(6), isUsed: false)
        let used = lost(&redialling, after: .seconds(1), isUsed: true)
        #expect([first, lasted, used] == [.milliseconds(250), .zero, .milliseconds(250)])
    }
}

@Suite struct FirstReplyTests {
    private static let request = RTUFrame(unit: 1, pdu: PDU(read: .readHoldingRegisters, address: 3, quantity: 2)).bytes
    private static let reply = RTUFrame(unit: 1, pdu: PDU(registers: [17, 4], replyTo: .readHoldingRegisters)).bytes

    /// Which of the pieces completes it.
    private func completing(_ pieces: [[UInt8]], asked: Bool = true) -> [Bool] {
        var first = FirstReply()
        if asked { first.asked(Self.request) }
        return pieces.map { first.isCompleted(by: $0) }
    }

    @Test func `the reply to what was asked counts, in pieces and behind noise`() {
        let pieces = [[0xFF, 0xFB, 0x01] + Self.reply.prefix(4), Array(Self.reply.dropFirst(4)), Self.reply]
        #expect(completing(pieces) == [false, true, false])
    }

    @Test func `what nobody asked for, and what is no reply, counts for nothing`() {
        #expect(completing([Self.reply], asked: false) == [false])
        let other = RTUFrame(unit: 1, pdu: PDU(registers: [17], replyTo: .readHoldingRegisters)).bytes
        #expect(completing([other, Array("HTTP/1.1 400 Bad Request\r\n".utf8)]) == [false, false])
    }
}
