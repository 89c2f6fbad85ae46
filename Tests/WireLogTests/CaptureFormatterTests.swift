import Broker
import Modbus
import Testing
import TestSupport

@testable import WireLog

@Suite struct CaptureFormatterTests {
    private func line(_ request: [UInt8], _ result: Result<RTUFrame, BrokerError>) throws -> String {
        try line(.finished(exchange(try query(request), result), .delivered))
    }

    private func line(_ event: BrokerEvent) throws -> String {
        var formatter = CaptureFormatter()
        formatter.append(WireLogEntry(event: event, microseconds: moment))
        return String(decoding: formatter.take().bytes, as: UTF8.self)
    }

    @Test func `reads of holding and input registers have the registers of their replies`() throws {
        #expect(
            try line([3, 0, 43, 0, 2], .success(try frame([3, 4, 0, 100, 255, 255])))
                == "{\"ts\":1758484723.667123,\"op\":\"read_holding\",\"unit\":1,\"addr\":43,\"count\":2,"
                + "\"regs\":[100,65535]}\n")
        #expect(
            try line([4, 0, 0, 0, 1], .success(try frame([4, 2, 1, 145]))).contains(
                "\"op\":\"read_input\",\"unit\":1,\"addr\":0,\"count\":1,\"regs\":[401]"))
    }

    @Test func `what is read from unit 0 is of the unit that has answered`() throws {
        let asked = try query([3, 0, 43, 0, 1], unit: 0)
        let text = try line(.finished(exchange(asked, .success(try frame([3, 2, 0, 7]))), .delivered))
        #expect(text.contains("\"op\":\"read_holding\",\"unit\":1,\"addr\":43,"))
    }

    @Test func `an exception has its code, and a call without answer none`() throws {
        #expect(
            try line([4, 0, 0, 0, 4], .success(try frame([0x84, 2]))).hasSuffix(
                "\"count\":4,\"error\":\"exception\",\"code\":2}\n"))
        #expect(try line([4, 0, 0, 0, 4], .failure(.noReply)).hasSuffix("\"count\":4,\"error\":\"no_reply\"}\n"))
    }

    @Test func `writes have what was written`() throws {
        #expect(
            try line([6, 0, 45, 4, 210], .success(try frame([6, 0, 45, 4, 210]))).hasSuffix(
                "\"op\":\"write_single\",\"unit\":1,\"addr\":45,\"value\":1234}\n"))
        #expect(
            try line([16, 0, 45, 0, 3, 6, 0, 25, 0, 9, 0, 21], .success(try frame([16, 0, 45, 0, 3]))).hasSuffix(
                "\"op\":\"write_multiple\",\"unit\":1,\"addr\":45,\"values\":[25,9,21]}\n"))
    }

    @Test func `other functions are raw, with request and reply`() throws {
        #expect(
            try line([0x20, 0, 0, 0, 1], .success(try frame([0x20, 2, 0, 7]))).hasSuffix(
                "\"op\":\"raw\",\"unit\":1,\"func\":32,\"pdu\":\"2000000001\",\"reply\":\"20020007\"}\n"))
        #expect(
            try line([0x65, 1], .failure(.noReply)).hasSuffix(
                "\"func\":101,\"pdu\":\"6501\",\"error\":\"no_reply\"}\n"))
    }

    @Test(arguments: [BrokerError.withdrawn, .overloaded, .expired, .refused(.illegalFunction), .stopping, .silentUnit])
    func `what was never sent is no call`(error: BrokerError) throws {
        #expect(try line([3, 0, 0, 0, 1], .failure(error)).isEmpty)
    }

    @Test func `a capture has lines of exchanges only`() throws {
        #expect(try line(.request(try exampleQuery())).isEmpty)
        let directory = try TemporaryDirectory()
        let path = directory["capture.jsonl"]
        let log = WireLog(.file(path: path, maximumSize: 0), format: .capture) { _ in }
        log.offer(.request(try exampleQuery()))
        log.offer(.line(.opened))
        log.offer(.finished(exchange(try exampleQuery(), .success(try frame([3, 4, 0, 1, 0, 2]))), .delivered))
        #expect(log.close())
        #expect(try contents(path).split(separator: "\n").count == 1)
    }
}
