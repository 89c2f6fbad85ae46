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
        for _ in 0..<10 { #expect(lost(&redialling, after: .milliseconds(20), isUsed: true) == .zero) }
    }

    @Test func `R12 a server that takes connections and says nothing is dialled less and less`() {
        var redialling = Redialling(pauseAfterUse: .zero)
        let pauses = (0..<7).map { _ in lost(&redialling, after: .milliseconds(20), isUsed: false) }
        #expect(pauses == [250, 500, 1000, 2000, 4000, 5000, 5000].map { .milliseconds($0) })
        #expect(lost(&redialling, after: .milliseconds(20), isUsed: true) == .zero)
        #expect(lost(&redialling, after: .milliseconds(20), isUsed: false) == .milliseconds(250))
    }

    @Test func `R12 a connection that has lasted is no reason to wait, whatever came over it`() {
        var redialling = Redialling(pauseAfterUse: .milliseconds(250))
        #expect(redialling.pauseAfterFailure() == .milliseconds(250))
        #expect(lost(&redialling, after: .seconds(6), isUsed: false) == .zero)
        #expect(lost(&redialling, after: .seconds(1), isUsed: true) == .milliseconds(250))
    }
}

@Suite struct FirstReplyTests {
    private static let request = RTUFrame(unit: 1, pdu: PDU(read: .readHoldingRegisters, address: 3, quantity: 2)).bytes
    private static let reply = RTUFrame(unit: 1, pdu: PDU(registers: [17, 4], replyTo: .readHoldingRegisters)).bytes

    @Test func `the reply to what was asked counts, in pieces and behind noise`() {
        var first = FirstReply(FunctionShapes())
        first.asked(Self.request)
        #expect(!first.isCompleted(by: [0xFF, 0xFB, 0x01] + Self.reply.prefix(4)))
        #expect(first.isCompleted(by: Array(Self.reply.dropFirst(4))))
    }

    @Test func `what nobody asked for, and what is no reply, counts for nothing`() {
        var first = FirstReply(FunctionShapes())
        #expect(!first.isCompleted(by: Self.reply))
        first.asked(Self.request)
        let other = RTUFrame(unit: 1, pdu: PDU(registers: [17], replyTo: .readHoldingRegisters)).bytes
        #expect(!first.isCompleted(by: other))
        #expect(!first.isCompleted(by: Array("HTTP/1.1 400 Bad Request\r\n".utf8)))
    }
}
