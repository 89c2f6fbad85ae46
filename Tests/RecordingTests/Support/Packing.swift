import CZlib
import Modbus
import Text

@testable import Recording

/// One gzip member.
func packed(_ text: String) -> [UInt8] {
    var stream = z_stream()
    deflateInit2_(
        &stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    defer { deflateEnd(&stream) }
    var input = Array(text.utf8)
    return [UInt8](unsafeUninitializedCapacity: input.count + 1000) { output, count in
        input.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            stream.next_out = output.baseAddress
            stream.avail_out = UInt32(output.count)
            deflate(&stream, Z_FINISH)
        }
        count = output.count - Int(stream.avail_out)
    }
}

/// The lines of a text, as the reader finds them in a file.
func read(_ text: String) throws -> (lines: [RecordedLine], summary: ReadingSummary) {
    try read(Array(text.utf8))
}

func read(_ bytes: [UInt8]) throws -> (lines: [RecordedLine], summary: ReadingSummary) {
    let directory = try TemporaryDirectory()
    try WholeFile.write(bytes, to: directory["log"])
    var reader = RecordingReader()
    var lines: [RecordedLine] = []
    try reader.read(directory["log"]) { lines.append($0) }
    return (lines, reader.summary)
}

/// A frame in hexadecimal, with its CRC.
func hex(_ pdu: [UInt8], unit: UInt8 = 1) throws -> String {
    var bytes: [UInt8] = []
    bytes.append(hex: try frame(pdu, unit: unit).bytes)
    return String(decoding: bytes, as: UTF8.self)
}

/// Lines as the prototype wrote them; a reply's own `addr` and `count` are wrong, as they were there.
enum Prototype {
    private static func time(_ milliseconds: Int) -> String {
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        let digits = { (number: Int, count: Int) in
            String(repeating: "0", count: count - String(number).count) + "\(number)"
        }
        return
            "2025-09-21T\(digits(seconds / 3600, 2)):\(digits(seconds / 60 % 60, 2)):\(digits(seconds % 60, 2)).\(digits(rest, 3))"
    }

    static func request(_ pdu: [UInt8], unit: UInt8 = 1, at milliseconds: Int, by client: String = "SHINE") throws
        -> String
    {
        #"{"role": "REQ", "from_client": "\#(client)", "crc_ok": true, "hex": "\#(try hex(pdu, unit: unit))", "uid": \#(unit), "func": \#(pdu[0]), "len": 4, "ts": "\#(time(milliseconds))"}"#
            + "\n"
    }

    static func reply(_ pdu: [UInt8], unit: UInt8 = 1, at milliseconds: Int, to client: String = "SHINE") throws
        -> String
    {
        #"{"role": "RSP", "to_client": "\#(client)", "crc_ok": true, "hex": "\#(try hex(pdu, unit: unit))", "uid": \#(unit), "func": \#(pdu[0]), "len": 3, "addr": 7763, "count": 20044, "ts": "\#(time(milliseconds))"}"#
            + "\n"
    }

    static func timeout(at milliseconds: Int, to client: String = "SHINE") -> String {
        #"{"role": "RSP", "to_client": "\#(client)", "crc_ok": false, "hex": "", "ts": "\#(time(milliseconds))"}"#
            + "\n"
    }

    static func drop(_ hex: String, at milliseconds: Int) -> String {
        #"{"role": "DROP", "from_client": "SHINE", "reason": "bad_crc", "hex": "\#(hex)", "ts": "\#(time(milliseconds))"}"#
            + "\n"
    }
}

/// A read of holding registers.
func readHolding(_ address: UInt16, _ quantity: UInt16) -> [UInt8] {
    PDU(read: .readHoldingRegisters, address: address, quantity: quantity).bytes
}

/// The reply to a read of holding registers.
func holding(_ values: UInt16...) -> [UInt8] {
    PDU(registers: values, replyTo: .readHoldingRegisters).bytes
}

/// What the pairing makes of a text.
func exchanges(_ text: String) throws -> (all: [RecordedExchange], counts: ExchangePairing.Counts) {
    var pairing = ExchangePairing()
    var all: [RecordedExchange] = []
    for line in try read(text).lines { pairing.take(line) { all.append($0) } }
    pairing.end { all.append($0) }
    return (all, pairing.counts)
}

func analysis(_ text: String) throws -> (Analysis, ReadingSummary) {
    let (lines, summary) = try read(text)
    var analysis = Analysis()
    for line in lines { analysis.take(line) }
    analysis.end()
    return (analysis, summary)
}
