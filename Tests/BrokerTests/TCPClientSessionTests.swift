@testable import Broker
import Modbus
import Simulator
import Testing

/// R8 for one Modbus TCP connection.
@Suite struct TCPClientSessionTests {
    private let bench = TCPBench()

    @Test func `R8 the deadline is 0·3 s before the client's timeout, from the arrival`() {
        bench.run(.seconds(1))
        bench.ask(.holding(0), transaction: 1, arrived: .start + .milliseconds(900))
        #expect(bench.backend.submitted.first?.deadline == .start + .milliseconds(900 + 4700))
    }

    @Test(arguments: [
        (Duration.seconds(3), Duration.milliseconds(2700)), (.milliseconds(400), .milliseconds(200)),
        (.milliseconds(600), .milliseconds(300)),
    ])
    func `R8 a timeout too short for the margin is halved`(timeout: Duration, timeToAnswer: Duration) {
        var settings = ClientSettings.usual
        settings.clientTimeout = timeout
        #expect(settings.timeToAnswer == timeToAnswer)
    }

    @Test func `R8 answers carry the transaction and the unit of their requests`() {
        bench.ask(.holding(0), transaction: 7, unit: 3)
        bench.ask(.input(0), transaction: 8, unit: 4)
        bench.backend.answer(.input(0))
        bench.backend.answer(.holding(0))
        #expect(bench.replies.map(\.transaction) == [8, 7])
        #expect(bench.replies.map(\.unit) == [4, 3])
    }

    @Test func `R8 an identical pending request of the connection is answered once`() {
        bench.ask(.holding(0), transaction: 7)
        bench.run(.seconds(1))
        bench.ask(.holding(0), transaction: 7)
        bench.backend.answer(.holding(0))
        #expect(bench.backend.submitted.count == 1)
        #expect(bench.replies.count == 1)
        #expect(bench.ends == [.superseded, .delivered])
    }

    @Test func `R8 another unit or PDU, and another transaction of a write, is another request`() {
        bench.ask(.holding(0), transaction: 7)
        bench.ask(.holding(0), transaction: 7, unit: 2)
        bench.ask(.holding(1), transaction: 7)
        bench.ask(.write(0, 1), transaction: 7)
        bench.ask(.write(0, 1), transaction: 8)
        #expect(bench.backend.submitted.count == 5)
    }

    @Test func `R8 an identical read with another transaction joins the pending one, and both are answered`() {
        bench.ask(.holding(0), transaction: 7)
        bench.run(.seconds(3))
        bench.ask(.holding(0), transaction: 8)
        #expect(bench.session.outstanding == 2)
        bench.backend.answer(.holding(0))
        #expect(bench.backend.submitted.count == 1)
        #expect(bench.replies.map(\.transaction) == [7, 8])
        #expect(bench.ends == [.delivered, .delivered])
        #expect(bench.session.outstanding == 0)
    }

    @Test func `R8 a read does not join one that was asked before a write`() {
        bench.ask(.holding(0), transaction: 1)
        bench.ask(.write(0, 1), transaction: 2)
        bench.ask(.holding(0), transaction: 3)
        #expect(bench.backend.submitted.map(\.pdu) == [.holding(0), .write(0, 1), .holding(0)])
    }

    @Test func `R8 a read that joined one whose deadline has passed is asked for itself`() {
        bench.ask(.holding(0), transaction: 7)
        bench.run(.seconds(3))
        bench.ask(.holding(0), transaction: 8)
        bench.backend.answer(.holding(0), .failure(.expired))
        #expect(bench.replies.map(\.transaction) == [7])
        #expect(bench.replies.first?.pdu.exceptionCode == .serverDeviceBusy)
        #expect(
            bench.backend.submitted.map(\.deadline) == [.start + .milliseconds(4700), .start + .milliseconds(7700)])
        bench.backend.answer(.holding(0))
        #expect(bench.replies.map(\.transaction) == [7, 8])
    }

    @Test func `R8 what a full queue had no room for is refused at its deadline, and not before`() {
        bench.ask(.holding(0), transaction: 7)
        bench.backend.answer(.holding(0), .failure(.overloaded))
        #expect(bench.replies.isEmpty)
        #expect(bench.session.outstanding == 1)
        bench.run(.milliseconds(4699))
        #expect(bench.replies.isEmpty)
        bench.run(.milliseconds(1))
        #expect(bench.replies.map(\.pdu.exceptionCode) == [.serverDeviceBusy])
        #expect(bench.session.outstanding == 0)
    }

    @Test(arguments: [BrokerError.silentUnit, .restingRange, .unavailable, .lent])
    func `R8 answers without the line are ten a second at most`(error: BrokerError) {
        for number in 0..<30 {
            bench.ask(.holding(UInt16(number)), transaction: UInt16(number))
            bench.backend.answer(.holding(UInt16(number)), .failure(error))
            if number < 10 { #expect(bench.replies.count == number + 1) }
            if number == 10 { #expect(bench.replies.count == 10) }
            if bench.session.outstanding == 16 { bench.run(.seconds(1)) }
        }
        bench.run(.seconds(2))
        #expect(bench.replies.map(\.transaction) == Array(0..<30))
        #expect(bench.timeline.now < .start + .seconds(4))
    }

    @Test func `R8 an answer without the line is not held past its deadline`() {
        for number in 0..<26 {
            bench.ask(.holding(0), transaction: UInt16(number), arrived: .start - .milliseconds(4600))
            bench.backend.answer(.holding(0), .failure(.silentUnit))
        }
        #expect(bench.replies.count == 10)
        bench.run(.milliseconds(100))
        #expect(bench.replies.count == 26)
    }

    @Test func `R8 a connection that is closed does not hear what was held for it`() {
        bench.ask(.holding(0), transaction: 7)
        bench.backend.answer(.holding(0), .failure(.overloaded))
        bench.session.close()
        bench.run(.seconds(10))
        #expect(bench.replies.isEmpty)
        #expect(bench.ends == [.suppressed])
    }

    @Test func `R8 after the answer the same request is asked again`() {
        bench.ask(.holding(0), transaction: 7)
        bench.backend.answer(.holding(0))
        bench.ask(.holding(0), transaction: 7)
        #expect(bench.backend.submitted.count == 2)
    }

    @Test func `R8 a closed connection withdraws its queued queries, writes included, and is told nothing`() {
        bench.backend.completesWithdrawn = true
        bench.ask(.holding(0), transaction: 1)
        bench.ask(.write(0, 1), transaction: 2)
        bench.session.close()
        #expect(bench.backend.withdrawn == bench.backend.submitted.map(\.id))
        #expect(bench.replies.isEmpty)
        #expect(bench.ends == [.suppressed, .suppressed])
        #expect(bench.session.outstanding == 0)
    }

    @Test func `R8 the answer to what is on the line is only recorded when the connection is closed`() {
        bench.ask(.holding(0), transaction: 1)
        bench.session.close()
        bench.backend.answer(.holding(0))
        #expect(bench.replies.isEmpty)
        #expect(bench.ends == [.suppressed])
    }

    @Test func `R8 16 requests at once, and room again with an answer`() {
        for number in 0..<16 {
            #expect(bench.session.hasRoom)
            bench.ask(.holding(UInt16(number)), transaction: UInt16(number))
        }
        #expect(!bench.session.hasRoom)
        bench.backend.answer(.holding(3))
        #expect(bench.session.hasRoom && bench.session.outstanding == 15)
    }
}
