internal import Modbus
internal import Recording

/// What bytes are that a server has sent in place of Modbus, as far as it can be told.
enum ServerWords {
    /// How many bytes are enough to tell.
    static let mostBytes = 512

    private static let fewestLetters = 6
    /// IAC and WILL, WONT, DO or DONT (RFC 854).
    private static let telnet: (command: UInt8, verbs: ClosedRange<UInt8>) = (0xFF, 0xFB...0xFE)

    /// One line: what it is and what to do; nil: it is not known, as noise of a line is not.
    ///
    /// - Parameter hasTransactions: whether Modbus TCP was spoken to it; otherwise RTU.
    static func meaning(of bytes: [UInt8], hasTransactions: Bool) -> String? {
        if bytes.count >= 3, bytes[0] == telnet.command, telnet.verbs.contains(bytes[1]) {
            return "the server speaks Telnet (FF FB …): set its port to raw TCP, without Telnet or RFC 2217"
        }
        if let text = text(in: bytes) { return "the server says: \"\(text.quotedBriefly)\"" }
        if !hasTransactions, isModbusTCP(bytes) {
            return "the server sends Modbus TCP, not RTU: use tcp:// in place of rtuovertcp://"
        }
        if hasTransactions, RTUFrame(bytes) != nil {
            return "the server sends RTU frames, not Modbus TCP: use rtuovertcp:// in place of tcp://"
        }
        return nil
    }

    /// The first line, if all bytes are of a text.
    private static func text(in bytes: [UInt8]) -> String? {
        let isText = bytes.allSatisfy { (0x20...0x7E).contains($0) || (0x09...0x0D).contains($0) || $0 == 0 }
        guard isText, bytes.count(where: { (0x41...0x7A).contains($0) }) >= fewestLetters else { return nil }
        let lines = bytes.filter { $0 != 0 }.split { $0 == 0x0A || $0 == 0x0D }
        return lines.first.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Whether it begins as a frame with protocol 0 and the length that is said.
    private static func isModbusTCP(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 9, bytes[2] == 0, bytes[3] == 0 else { return false }
        return (3...254).contains(Int(bytes[4]) << 8 | Int(bytes[5]))
            && bytes.count >= 6 + (Int(bytes[4]) << 8 | Int(bytes[5]))
    }
}
