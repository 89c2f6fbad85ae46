package import Endpoints
internal import Modbus
internal import Text

/// Messages about a server that sends something else than the expected Modbus, with the cure.
package enum ServerWords {
    /// The peer behind a server.
    package enum Peer: Hashable, Sendable {
        /// Units; whether the framing is Modbus TCP, otherwise RTU.
        case units(hasTransactions: Bool)
        /// Units behind a server that dials in with Modbus TCP.
        case diallingUnits
        case dongle

        fileprivate var hasTransactions: Bool { self == .units(hasTransactions: true) || self == .diallingUnits }
    }

    /// One line; nil: the bytes are unknown.
    package static func meaning(of bytes: [UInt8], from peer: Peer) -> String? {
        switch ForeignSpeech(fromServer: bytes, hasTransactions: peer.hasTransactions) {
        case .telnet: "the server speaks Telnet (FF FB …): set its port to raw TCP, without Telnet or RFC 2217"
        case .text(let text): "the server says: \"\(text.quotedBriefly)\"\(advice(on: text))"
        case .sniffFeed: "that is the sniff feed of a broker: ask its Modbus port"
        case .modbusTCP where peer == .dongle:
            "the server sends Modbus TCP, not RTU: set its port to raw TCP, without Modbus"
        case .modbusTCP:
            "the server sends Modbus TCP, not RTU: use tcp:// in place of rtuovertcp:// (udp:// of rtuoverudp://)"
        case .rtu where peer == .diallingUnits:
            "the server sends RTU frames, not Modbus TCP: set it to Modbus TCP"
        case .rtu:
            "the server sends RTU frames, not Modbus TCP: use rtuovertcp:// in place of tcp:// (rtuoverudp:// of udp://)"
        case nil: nil
        }
    }

    private static func advice(on text: String) -> String {
        let kinds = [("HTTP/", "a web server"), ("SSH-", "an SSH server")]
        guard let kind = kinds.first(where: { text.hasPrefix($0.0) }) else { return "" }
        return ": that is \(kind.1); is the port right?"
    }

    /// What the end of a connection on which nothing came may mean; nil: nothing that is known.
    package static func doubt(of endpoint: Endpoint, closed reason: String?) -> String? {
        guard case .rtuOverTCP(let address) = endpoint, reason == DialFailure.closedByServer else { return nil }
        return "the server may speak Modbus TCP, not RTU: try tcp://\(address)"
    }
}
