internal import Modbus
internal import Recording

/// Says what a server has sent in place of Modbus, and what to do.
package enum ServerWords {
    /// What is behind a server.
    package enum Peer: Hashable, Sendable {
        /// Units; whether Modbus TCP is spoken to them, or else RTU.
        case units(hasTransactions: Bool)
        case dongle

        fileprivate var hasTransactions: Bool { self == .units(hasTransactions: true) }
    }

    /// One line; nil: it is not known what the bytes are.
    package static func meaning(of bytes: [UInt8], from peer: Peer) -> String? {
        switch ForeignSpeech(fromServer: bytes, hasTransactions: peer.hasTransactions) {
        case .telnet: "the server speaks Telnet (FF FB …): set its port to raw TCP, without Telnet or RFC 2217"
        case .text(let text): "the server says: \"\(text.quotedBriefly)\""
        case .sniffFeed: "that is the sniff feed of a broker: ask its Modbus port"
        case .modbusTCP where peer == .dongle:
            "the server sends Modbus TCP, not RTU: set its port to raw TCP, without Modbus"
        case .modbusTCP:
            "the server sends Modbus TCP, not RTU: use tcp:// in place of rtuovertcp:// (udp:// of rtuoverudp://)"
        case .rtu:
            "the server sends RTU frames, not Modbus TCP: use rtuovertcp:// in place of tcp:// (rtuoverudp:// of udp://)"
        case nil: nil
        }
    }
}
