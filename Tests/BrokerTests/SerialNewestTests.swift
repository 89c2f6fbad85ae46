import Broker
import Modbus
import Testing

/// R5: a serial client hears only the answer to its newest request.
@Suite struct SerialNewestTests {
    private let bench = SerialBench()

    @Test func `R5 the answer to the newest request is forwarded`() {
        bench.ask(.holding(0))
        bench.run(.milliseconds(50))
        bench.backend.answer(.holding(0))
        #expect(bench.heard == [.raw(3, 2, 0x12, 0x34)])
        #expect(bench.ends == [.delivered])
    }

    @Test func `R5 a superseded read in the queue is dropped`() {
        bench.backend.completesWithdrawn = true
        bench.ask(.holding(0))
        bench.run(.seconds(1))
        bench.ask(.holding(1))
        #expect(bench.backend.withdrawn.count == 1)
        #expect(bench.ends == [.superseded])
        bench.backend.answer(.holding(1))
        #expect(bench.heard.count == 1)
        bench.expectEachEndedOnce()
    }

    @Test func `R5 the reply of a superseded read on the line is not forwarded`() {
        bench.ask(.holding(0))
        bench.run(.seconds(1))
        bench.ask(.holding(1))
        bench.backend.answer(.holding(0), value: 0xDEAD)
        #expect(bench.heard.isEmpty)
        bench.backend.answer(.holding(1), value: 0x0001)
        #expect(bench.heard == [.raw(3, 2, 0x00, 0x01)])
        #expect(bench.ends == [.superseded, .delivered])
        bench.expectEachEndedOnce()
    }

    @Test func `R5 a write is never withdrawn, only its reply is suppressed`() {
        bench.ask(.write(0, 1))
        bench.run(.milliseconds(100))
        bench.ask(.holding(1))
        bench.run(.seconds(5))
        #expect(bench.submitted == [.write(0, 1), .holding(1)])
        #expect(!bench.backend.withdrawn.contains(bench.backend.submitted[0].id))
        bench.backend.answer(.write(0, 1))
        #expect(bench.heard.isEmpty)
        bench.expectEachAnswered(.holding(1))
    }

    @Test func `R5 an identical repeat joins: one execution, one answer`() {
        for _ in 0..<3 {
            bench.ask(.holding(0))
            bench.run(.milliseconds(700))
        }
        #expect(bench.submitted == [.holding(0)])
        bench.backend.answer(.holding(0))
        #expect(bench.heard.count == 1)
        #expect(bench.ends == [.superseded, .superseded, .delivered])
        bench.expectEachEndedOnce()
    }

    @Test func `R5 a repeated write joins, too: it is executed once`() {
        bench.ask(.write(0, 1))
        bench.run(.milliseconds(700))
        bench.ask(.write(0, 1))
        #expect(bench.submitted == [.write(0, 1)])
        bench.backend.answer(.write(0, 1))
        #expect(bench.heard == [.write(0, 1)])
    }

    @Test func `R5 a repeat before the last byte of the reply has left joins it`() {
        bench.ask(.holding(0, 20))
        bench.run(.milliseconds(100))
        bench.backend.answer(.holding(0, 20))
        bench.run(.milliseconds(44))
        bench.ask(.holding(0, 20))
        #expect(bench.submitted.count == 1)
        #expect(bench.ends == [.delivered, .superseded])
        bench.expectEachEndedOnce()
    }

    @Test func `R5 a repeat after the last byte of the reply is a new request`() {
        bench.ask(.holding(0, 20))
        bench.run(.milliseconds(100))
        bench.backend.answer(.holding(0, 20))
        bench.run(.milliseconds(46))
        bench.ask(.holding(0, 20))
        #expect(bench.submitted.count == 2)
    }

    @Test func `R5 on a pseudo-terminal a reply has left at once: the same read behind it is a new request`() {
        bench.openPort(isPseudoTerminal: true)
        bench.ask(.holding(0, 20))
        bench.run(.milliseconds(100))
        bench.backend.answer(.holding(0, 20))
        bench.ask(.holding(0, 20))
        #expect(bench.submitted.count == 2)
    }

    @Test func `R5 on a stream noise behind a request does not cost it its answer, and replies leave at once`() {
        bench.openStream()
        for _ in 0..<2 {
            bench.ask(.holding(0, 20))
            bench.run(.milliseconds(40))
            bench.receive([0xFF])
            bench.run(.milliseconds(10))
            bench.backend.answer(.holding(0, 20))
            bench.run(.milliseconds(100))
        }
        #expect(bench.ends == [.delivered, .delivered])
        bench.ask(.holding(0, 20))
        bench.backend.answer(.holding(0, 20))
        bench.ask(.holding(0, 20))
        #expect(bench.submitted.count == 4)
    }

    @Test func `R5 another request while the reply leaves is a new request`() {
        bench.ask(.holding(0, 20))
        bench.run(.milliseconds(100))
        bench.backend.answer(.holding(0, 20))
        bench.ask(.holding(1, 20))
        #expect(bench.submitted.count == 2)
    }

    @Test func `R5 nothing is forwarded later than 2 s after the newest copy`() {
        bench.ask(.write(0, 1))
        bench.run(.seconds(2) + .nanoseconds(1))
        bench.backend.answer(.write(0, 1))
        #expect(bench.heard.isEmpty)
        #expect(bench.ends == [.suppressed])
    }

    @Test func `R5 what comes at the limit of the newest copy is forwarded`() {
        bench.ask(.write(0, 1))
        bench.run(.milliseconds(1500))
        bench.ask(.write(0, 1))
        bench.run(.seconds(2))
        bench.backend.answer(.write(0, 1))
        #expect(bench.heard == [.write(0, 1)])
    }

    @Test func `R5 a read that nobody waits for any more is withdrawn at the limit`() {
        bench.backend.completesWithdrawn = true
        bench.ask(.holding(0))
        bench.run(.milliseconds(1999))
        #expect(bench.backend.withdrawn.isEmpty)
        bench.run(.milliseconds(1))
        #expect(bench.backend.withdrawn.count == 1)
        #expect(bench.ends == [.suppressed])
        #expect(bench.heard.isEmpty)
        bench.expectEachEndedOnce()
    }

    @Test func `R5 a copy after a read was given up gets a read of its own`() {
        bench.ask(.holding(0))
        bench.run(.milliseconds(2100))
        #expect(bench.backend.withdrawn.count == 1)
        bench.ask(.holding(0))
        bench.backend.answer(.holding(0), .failure(.noReply))
        #expect(bench.submitted == [.holding(0), .holding(0)])
        bench.backend.answer(.holding(0))
        #expect(bench.heard.count == 1)
        bench.expectEachEndedOnce()
    }

    @Test func `R5 of glued reads only the last is sent, and every write`() {
        bench.backend.completesWithdrawn = true
        bench.ask(.holding(0), .write(5, 1), .holding(1), .write(6, 1), .input(0))
        #expect(bench.submitted == [.write(5, 1), .write(6, 1), .input(0)])
        bench.backend.answer(.write(5, 1))
        bench.backend.answer(.write(6, 1))
        #expect(bench.heard.isEmpty)
        bench.backend.answer(.input(0))
        #expect(bench.heard.count == 1)
        bench.expectEachEndedOnce()
    }

    @Test func `R5 glued copies of one read are one`() {
        bench.ask(.holding(0), .holding(0), .holding(0))
        #expect(bench.submitted == [.holding(0)])
        bench.backend.answer(.holding(0))
        #expect(bench.heard.count == 1)
        bench.expectEachEndedOnce()
    }

    @Test func `R5 a malformed newest request supersedes all the same`() {
        bench.ask(.holding(0))
        bench.run(.milliseconds(100))
        bench.ask(.holding(0, 126))
        bench.backend.answer(.holding(0))
        #expect(bench.submitted == [.holding(0)])
        #expect(bench.heard.isEmpty)
        bench.expectEachEndedOnce()
    }

    @Test func `R12 with its port gone nothing is forwarded, reads are dropped and writes are sent`() {
        bench.ask(.write(0, 1))
        bench.closePort()
        #expect(bench.backend.withdrawn.isEmpty)
        bench.backend.answer(.write(0, 1))
        bench.ask(.holding(0))
        bench.closePort()
        #expect(bench.backend.withdrawn.count == 1)
        bench.backend.answer(.holding(0))
        #expect(bench.heard.isEmpty)
        bench.expectEachEndedOnce()
    }

    @Test func `R5 at most 16 older requests run for one client`() {
        for value in 0..<20 { bench.ask(.write(0, UInt16(value))) }
        #expect(bench.submitted.count == 16)
        for value in 0..<20 { bench.backend.answer(.write(0, UInt16(value))) }
        bench.expectEachEndedOnce()
    }
}

extension SerialBench {
    /// Only this is still open: its answer is forwarded, and then all have ended.
    fileprivate func expectEachAnswered(_ pdu: PDU) {
        ask(pdu)
        backend.answer(pdu)
        #expect(heard.count == 1)
        expectEachEndedOnce()
    }
}
