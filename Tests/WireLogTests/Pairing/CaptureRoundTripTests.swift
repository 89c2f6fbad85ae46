import Broker
import Modbus
import Testing
import TestSupport

@testable import WireLog

/// What our capture writes, the reader reads as the same exchange.
@Suite("Our own captures")
struct CaptureRoundTripTests {
    @Test(
        "Request and reply come back as they were",
        arguments: [
            ([3, 0, 43, 0, 2], [3, 4, 0, 100, 255, 255]), ([4, 0, 0, 0, 4], [0x84, 2]),
            ([6, 0, 45, 4, 210], [6, 0, 45, 4, 210]), ([16, 0, 45, 0, 2, 4, 0, 25, 0, 9], [16, 0, 45, 0, 2]),
            ([0x20, 0, 0, 0, 1], [0x20, 2, 0, 7]), ([0x65, 1, 2], [0x65, 9]), ([0x65, 1, 2], [0xE5, 1]),
        ] as [([UInt8], [UInt8])])
    func answered(_ request: [UInt8], _ reply: [UInt8]) throws {
        let all = try exchanges(line(request, .success(try frame(reply)))).all
        #expect(all.map(\.request.bytes) == [request])
        #expect(all.map { $0.reply?.bytes } == [reply])
        #expect(all.first?.microseconds == moment)
    }

    @Test func `a call without an answer has none`() throws {
        let all = try exchanges(line([4, 0, 0, 0, 4], .failure(.noReply))).all
        #expect(all.map(\.outcome) == [.timeout])
        #expect(all.first?.reply == nil)
    }

    private func line(_ request: [UInt8], _ result: Result<RTUFrame, BrokerError>) throws -> String {
        var formatter = CaptureFormatter()
        let event = BrokerEvent.finished(exchange(try query(request), result), .delivered)
        formatter.append(WireLogEntry(event: event, microseconds: moment))
        return String(decoding: formatter.take().bytes, as: UTF8.self)
    }
}
