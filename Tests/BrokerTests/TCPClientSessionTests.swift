@testable import Broker
import Modbus
import Testing

/// R8 for one Modbus TCP connection.
@Suite struct TCPClientSessionTests {
    private let bench = TCPBench()

    @Test func `R8 the deadline is 0·3 s before the client's timeout, from the arrival`() {
        bench.run(.seconds(1))
        bench.ask(.holding(0), transaction: 1, arrived: .start + .milliseconds(900))
        #expect(bench.backend.submitted.first?.deadline == .start + .milliseconds(900 + 2700))
    }

    @Test(arguments: [
        (Duration.seconds(3), Duration.milliseconds(2700)), (.milliseconds(400), .milliseconds(200)),
        (.milliseconds(600), .milliseconds(300)),
    ])
    func `R8 a timeout too short for the margin is halved`(timeout: Duration, timeToAnswer: Duration) {
        var settings = ClientSettings()
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

    @Test func `R8 another transaction, unit or PDU is another request`() {
        bench.ask(.holding(0), transaction: 7)
        bench.ask(.holding(0), transaction: 8)
        bench.ask(.holding(0), transaction: 7, unit: 2)
        bench.ask(.holding(1), transaction: 7)
        #expect(bench.backend.submitted.count == 4)
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
