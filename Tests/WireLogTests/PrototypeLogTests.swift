import Broker
import Modbus
import Testing
import TestSupport
import Text

/// Tools made for the prototype's log read ours: what they find in its lines is in ours, under the same names.
///
/// The lines are from a capture of a MIN 6000TL-XH with ShineWiFi-X. `addr` and `count` of its replies are left out:
/// the prototype read them from the registers.
@Suite("The prototype's log")
struct PrototypeLogTests {
    static let requests = [
        #"{"role": "REQ", "from_client": "SHINE", "crc_ok": true, "hex": "0003002b0001f5d3", "uid": 0, "func": 3, "len": 4, "addr": 43, "count": 1}"#,
        #"{"role": "REQ", "from_client": "SHINE", "crc_ok": true, "hex": "010300d1000f55f7", "uid": 1, "func": 3, "len": 4, "addr": 209, "count": 15}"#,
        #"{"role": "REQ", "from_client": "SHINE", "crc_ok": true, "hex": "010600bc0000482e", "uid": 1, "func": 6, "len": 4, "addr": 188, "value": 0}"#,
        #"{"role": "REQ", "from_client": "SHINE", "crc_ok": true, "hex": "01200000006481e6", "uid": 1, "func": 32, "len": 4}"#,
    ]

    static let replies = [
        (
            "0003002b0001f5d3",
            #"{"role": "RSP", "to_client": "SHINE", "crc_ok": true, "hex": "01030213ecb4f9", "uid": 1, "func": 3, "len": 3}"#
        ),
        (
            "010600bc0000482e",
            #"{"role": "RSP", "to_client": "SHINE", "crc_ok": true, "hex": "010600bc0000482e", "uid": 1, "func": 6, "len": 4, "addr": 188, "value": 0}"#
        ),
    ]

    private func frame(_ hex: String) throws -> RTUFrame {
        let digits = try hex.utf8.map { try #require(Character(Unicode.Scalar($0)).hexDigitValue) }
        let bytes = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
        return try #require(RTUFrame(bytes))
    }

    private func recordedQuery(_ hex: String) throws -> Query {
        let frame = try frame(hex)
        return try query(frame.pdu.bytes, unit: frame.unit.rawValue)
    }

    private func hex(_ fields: [String: JSONValue]) throws -> String {
        guard case .text(let hex) = fields["hex"] else { throw CallError(code: 0) }
        return hex
    }

    private func expect(_ line: String, toContain fields: [String: JSONValue]) throws {
        let ours = try JSONValue.fields(line)
        for (name, value) in fields { #expect(ours[name] == value, "\(name) in \(line)") }
    }

    @Test("Requests have its fields", arguments: requests)
    func request(prototype: String) throws {
        let fields = try JSONValue.fields(prototype)
        try expect(line(.request(try recordedQuery(try hex(fields)))), toContain: fields)
    }

    @Test("Replies have its fields", arguments: replies)
    func reply(request: String, prototype: String) throws {
        let fields = try JSONValue.fields(prototype)
        let answered = exchange(try recordedQuery(request), .success(try frame(try hex(fields))))
        try expect(line(.finished(answered, .delivered)), toContain: fields)
    }

    @Test("A warning has its fields")
    func warning() throws {
        let event = BrokerEvent.attemptFailed(
            try exampleQuery(), attempt: 1, timeout: .milliseconds(1500), isDamaged: false)
        let prototype =
            #"{"event": "downstream_timeout", "role": "WARN", "to": "INVERTER", "from_client": "SHINE", "timeout": 1.5}"#
        try expect(line(event), toContain: try JSONValue.fields(prototype))
    }
}
