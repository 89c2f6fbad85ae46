/// Bytes that came in place of the expected framing, as far as they can be recognised.
package enum ForeignSpeech: Hashable, Sendable {
    /// Telnet negotiation, `FF FB …`.
    case telnet
    /// The first line of a text, such as a serial server's `Port already in use`; ASCII.
    case text(String)
    /// The wire log of a broker, as its sniff feed sends it.
    case sniffFeed
    /// A frame of Modbus TCP where RTU was expected.
    case modbusTCP
    /// A frame of RTU where Modbus TCP was expected.
    case rtu

    /// The number of bytes that suffice.
    package static let mostBytes = 512

    private static let fewestLetters = 6
    /// Every line of a wire log begins so.
    private static let wireLog = Array("{\"ts\":\"".utf8)
    /// IAC and WILL, WONT, DO or DONT (RFC 854).
    private static let negotiation: (command: UInt8, verbs: ClosedRange<UInt8>) = (0xFF, 0xFB...0xFE)

    /// The kind of a server's bytes; nil: unknown, such as noise of a line.
    ///
    /// - Parameter hasTransactions: whether the server is addressed in Modbus TCP; otherwise RTU.
    package init?(fromServer bytes: [UInt8], hasTransactions: Bool) {
        if bytes.count >= 3, bytes[0] == Self.negotiation.command, Self.negotiation.verbs.contains(bytes[1]) {
            self = .telnet
        } else if bytes.starts(with: Self.wireLog) {
            self = .sniffFeed
        } else if let text = Self.text(in: bytes) {
            self = .text(text)
        } else if !hasTransactions, !RTUFrame.isIntact(bytes), Self.isModbusTCP(bytes) {
            self = .modbusTCP
        } else if hasTransactions, RTUFrame.isIntact(bytes) {
            self = .rtu
        } else {
            return nil
        }
    }

    /// The other framing of a client's first request; nil: none that is known.
    ///
    /// A read of RTU from register 0 looks like the header of Modbus TCP: CRC and length tell.
    ///
    /// - Parameter hasTransactions: whether Modbus TCP is expected of the client; otherwise RTU.
    package init?(fromClient bytes: [UInt8], hasTransactions: Bool) {
        let isRTU = RTUFrame.isIntact(bytes) && FrameLength(ofRequest: bytes[...]) == .bytes(bytes.count)
        switch hasTransactions {
        case true where isRTU: self = .rtu
        case false where !isRTU && Self.isModbusTCP(bytes): self = .modbusTCP
        default: return nil
        }
    }

    /// The first line, if all bytes are of a text.
    private static func text(in bytes: [UInt8]) -> String? {
        let isText = bytes.allSatisfy { (0x20...0x7E).contains($0) || (0x09...0x0D).contains($0) || $0 == 0 }
        guard isText, bytes.count(where: { (0x41...0x7A).contains($0) }) >= fewestLetters else { return nil }
        let lines = bytes.filter { $0 != 0 }.split { $0 == 0x0A || $0 == 0x0D }
        return lines.first.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Whether the bytes begin as a frame with protocol 0, a matching length, and a function.
    private static func isModbusTCP(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 9, bytes[2] == 0, bytes[3] == 0, bytes[7] != 0 else { return false }
        let length = Int(bytes[4]) << 8 | Int(bytes[5])
        return (3...254).contains(length) && bytes.count >= 6 + length
    }
}
