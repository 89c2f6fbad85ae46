import Broker
import Modbus
import Simulator
import Testing

/// R10: a serial client of a listener with `no-answer: exception`.
@Suite struct SerialNoAnswerTests {
    private let bench = SerialBench(kind: .rtu) { $0.answersSilence = true }
    private let noAnswer = PDU.raw(0x83, 0x0B)

    @Test(arguments: [
        BrokerError.noReply, .silentUnit, .restingRange, .unavailable, .expired, .expiredOnLine, .lent, .stopping,
    ])
    func `R10 it is told 0x0B instead of silence`(error: BrokerError) {
        bench.ask(.holding(0))
        bench.backend.answer(.holding(0), .failure(error))
        #expect(bench.heard == [noAnswer])
        bench.expectEachEndedOnce()
    }

    @Test func `R10 a refusal by policy, and an answer, are what they were`() {
        bench.ask(.write(0, 1))
        bench.backend.answer(.write(0, 1), .failure(.refused(.illegalFunction)))
        bench.ask(.holding(0))
        bench.backend.answer(.holding(0))
        #expect(bench.heard.first == .raw(0x86, 0x01))
        #expect(bench.heard.last?.exceptionCode == nil)
    }

    @Test func `R10 a write to all units is never answered`() {
        bench.ask(.write(0, 1), unit: 0)
        bench.run(.seconds(3))
        bench.backend.answer(.write(0, 1), .failure(.unavailable))
        #expect(bench.heard.isEmpty)
    }

    @Test(arguments: [PDU.holding(0), .write(0, 1)])
    func `R5 it is told in its time, and the answer that comes later is not given`(pdu: PDU) {
        bench.ask(pdu)
        bench.run(.milliseconds(1999))
        #expect(bench.heard.isEmpty)
        bench.run(.milliseconds(1))
        #expect(bench.heard.map(\.exceptionCode) == [.gatewayTargetFailedToRespond])
        bench.backend.answer(pdu)
        #expect(bench.heard.count == 1)
        bench.expectEachEndedOnce()
    }

    @Test func `R5 what is asked again afterwards is another request`() {
        bench.ask(.holding(0))
        bench.run(.seconds(2))
        bench.ask(.holding(0))
        bench.backend.answer(.holding(0))
        #expect(bench.heard.count == 1)
        bench.backend.answer(.holding(0))
        #expect(bench.heard.count == 2)
        #expect(bench.heard.last?.exceptionCode == nil)
        bench.expectEachEndedOnce()
    }

    @Test func `R8 a loop that is told so gets ten a second at most`() {
        bench.openStream()
        var asked = 0
        while bench.now < .start + .seconds(5) {
            let told = bench.heard.count
            asked += 1
            bench.ask(.holding(0))
            bench.backend.answer(.holding(0), .failure(.silentUnit))
            for _ in 0..<1000 where bench.heard.count == told { bench.run(.milliseconds(1)) }
        }
        #expect((50...61).contains(asked), "\(asked)")
        bench.expectEachEndedOnce()
    }
}
