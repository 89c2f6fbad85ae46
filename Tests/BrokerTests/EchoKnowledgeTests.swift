@testable import Broker
import Modbus
import Testing

/// R16: whether the adapter hears itself.
@Suite final class EchoKnowledgeTests {
    private var echo = EchoKnowledge(isForced: false)
    private static let frame = RTUFrame(unit: 1, pdu: .holding(0)).bytes

    private func noteEcho() -> Bool { echo.noteEcho() }

    @Test func `R16 nothing is known at first, and the own transmission is awaited`() {
        echo.transmitted(Self.frame, isRead: true)
        #expect(echo.knowledge == .unknown)
        #expect(echo.awaited == Self.frame)
    }

    @Test func `R16 a reply without echo tells that there is none`() {
        echo.transmitted(Self.frame, isRead: true)
        echo.noteBytes()
        echo.ended(hasReply: true)
        #expect(echo.knowledge == .absent)
        echo.transmitted(Self.frame, isRead: true)
        #expect(echo.awaited.isEmpty)
    }

    @Test func `R16 a dead line tells that there is none`() {
        echo.transmitted(Self.frame, isRead: true)
        echo.ended(hasReply: false)
        #expect(echo.knowledge == .absent)
    }

    @Test func `R16 noise tells nothing`() {
        echo.transmitted(Self.frame, isRead: true)
        echo.noteBytes()
        echo.ended(hasReply: false)
        #expect(echo.knowledge == .unknown)
    }

    @Test func `R16 the echo is news once, and awaited once a transmission`() {
        echo.transmitted(Self.frame, isRead: true)
        #expect(noteEcho())
        #expect(echo.knowledge == .present)
        #expect(echo.awaited.isEmpty)
        echo.ended(hasReply: true)
        echo.transmitted(Self.frame, isRead: true)
        #expect(echo.awaited == Self.frame)
        #expect(!noteEcho())
    }

    @Test func `R16 a copy of a write tells nothing, two of them that there is an echo`() {
        echo.transmitted(Self.frame, isRead: false)
        #expect(!noteEcho())
        echo.ended(hasReply: false)
        #expect(echo.knowledge == .unknown)
        echo.transmitted(Self.frame, isRead: false)
        _ = noteEcho()
        echo.ended(hasReply: true)
        #expect(echo.knowledge == .present)
    }

    @Test func `R16 a reset forgets, but not what is forced`() {
        echo.transmitted(Self.frame, isRead: true)
        #expect(noteEcho())
        echo.reset()
        #expect(echo.knowledge == .unknown)
        echo = EchoKnowledge(isForced: true)
        echo.transmitted(Self.frame, isRead: true)
        echo.ended(hasReply: true)
        #expect(echo.knowledge == .present)
        echo.reset()
        #expect(echo.knowledge == .present)
    }
}
