import Broker
import Modbus
import Testing

/// R5 on a pseudo-terminal: programs come and go, and what nobody has fetched stays in it.
@Suite struct PseudoTerminalTests {
    private let bench = SerialBench()

    init() {
        bench.openPort(isPseudoTerminal: true)
    }

    @Test func `R5 what a program has not fetched is dropped before its next request is taken`() {
        bench.ask(.holding(0))
        bench.backend.answer(.holding(0))
        #expect(bench.unread.count == 1)
        bench.ask(.holding(1))
        #expect(bench.unread.isEmpty)
        bench.backend.answer(.holding(1))
        #expect(bench.unread.map(\.pdu) == [.values(0x1234, to: .holding(1))])
    }

    @Test func `R5 the first byte of a newer request drops it already`() {
        bench.ask(.holding(0))
        bench.backend.answer(.holding(0))
        bench.receive([1])
        #expect(bench.unread.isEmpty)
    }

    @Test func `R5 bytes that are no request drop it, too: their program has moved on`() {
        bench.ask(.holding(0))
        bench.backend.answer(.holding(0))
        bench.receive([0xFF, 0xFF])
        #expect(bench.unread.isEmpty)
    }

    @Test func `R5 a program that opens finds nothing of the one before`() {
        bench.ask(.holding(0))
        bench.backend.answer(.holding(0))
        bench.closePort()
        #expect(bench.unread.isEmpty)
        bench.openPort(isPseudoTerminal: true)
        #expect(bench.unread.isEmpty)
    }

    @Test func `R5 opening alone drops what is left, if a closing was not noticed`() {
        bench.ask(.holding(0))
        bench.backend.answer(.holding(0))
        bench.openPort(isPseudoTerminal: true)
        #expect(bench.unread.isEmpty)
    }

    @Test func `R5 a reply that comes while nobody has it open is given to nobody`() {
        bench.ask(.holding(0))
        bench.closePort()
        bench.backend.answer(.holding(0))
        bench.openPort(isPseudoTerminal: true)
        #expect(bench.unread.isEmpty)
        #expect(bench.ends == [.superseded])
    }

    @Test func `R5 what a program wrote just before it closed is asked, and answered to nobody`() {
        bench.closePort()
        bench.ask(.write(0, 1))
        bench.backend.answer(.write(0, 1))
        #expect(bench.submitted == [.write(0, 1)])
        #expect(bench.heard.isEmpty)
        #expect(bench.ends == [.suppressed])
    }

    @Test func `R5 the next program does not hear what was asked just before it came`() {
        bench.closePort()
        bench.ask(.holding(0))
        bench.openPort(isPseudoTerminal: true)
        #expect(bench.backend.withdrawn.count == 1)
        bench.backend.answer(.holding(0))
        #expect(bench.heard.isEmpty)
        #expect(bench.ends == [.superseded])
        bench.expectEachEndedOnce()
    }

    @Test func `R6 half a request of one program is no beginning of the next one's`() {
        let request = RTUFrame(unit: 1, pdu: .holding(0)).bytes
        bench.receive(Array(request.prefix(4)))
        bench.openPort(isPseudoTerminal: true)
        #expect(bench.discarded(.noise) == Array(request.prefix(4)))
        bench.ask(.write(0, 1))
        #expect(bench.submitted == [.write(0, 1)])
    }

    @Test func `R5 the same read behind an answer that was not fetched is asked anew, and answered once`() {
        bench.ask(.holding(0))
        bench.backend.answer(.holding(0), value: 1)
        bench.ask(.holding(0))
        bench.backend.answer(.holding(0), value: 2)
        #expect(bench.submitted.count == 2)
        #expect(bench.unread.map(\.pdu) == [.values(2, to: .holding(0))])
    }

    @Test func `R5 a program that has begun to write a newer request hears nothing of the older one`() {
        let request = RTUFrame(unit: 1, pdu: .holding(1)).bytes
        bench.ask(.holding(0))
        bench.receive(Array(request.prefix(3)))
        bench.backend.answer(.holding(0))
        #expect(bench.heard.isEmpty)
        bench.receive(Array(request.dropFirst(3)))
        bench.backend.answer(.holding(1))
        #expect(bench.heard == [.values(0x1234, to: .holding(1))])
        bench.expectEachEndedOnce()
    }

    @Test func `R5 nor does one whose newer request ends with a silence only`() {
        bench.ask(.holding(0))
        bench.ask(.unknown)
        bench.backend.answer(.holding(0))
        #expect(bench.heard.isEmpty)
        bench.run(.milliseconds(30))
        #expect(bench.submitted == [.holding(0), .unknown])
        bench.backend.answer(.unknown)
        #expect(bench.heard == [.unknown])
        bench.expectEachEndedOnce()
    }
}
