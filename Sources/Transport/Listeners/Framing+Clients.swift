internal import Broker
internal import Modbus
package import NIOCore

extension Framing: StreamServing {
    package func serve(_ channel: any Channel, _ entrance: ClientEntrance) throws {
        switch self {
        case .mbap: try entrance.serveMBAP(channel)
        case .rtu: try entrance.serveRTU(channel)
        }
    }
}

extension Framing {
    /// The session of a client that speaks in datagrams.
    ///
    /// - Parameter send: carries a reply to the client.
    func peer(
        at address: SocketAddress, _ entrance: ClientEntrance, send: @escaping ([UInt8]) -> Void
    ) -> any DatagramPeer {
        switch self {
        case .mbap: MBAPPeer(entrance, address, send: send)
        case .rtu: RTUPeer(entrance, address, send: send)
        }
    }

    /// Whether a datagram is enough to let its sender in.
    func isRequest(_ datagram: ByteBuffer) -> Bool {
        switch self {
        case .mbap: TCPFrame(datagram: datagram) != nil
        case .rtu: RTUPeer.holdsRequest(datagram)
        }
    }

    /// Whether a reply answers a write, and could be one itself if it came back.
    func answersWrite(_ reply: [UInt8]) -> Bool {
        // The function is behind the header of Modbus TCP, or behind the unit.
        let place = self == .mbap ? 7 : 1
        return reply.count > place && !FunctionCode(rawValue: reply[place]).isRead
    }
}

extension Client {
    /// A client on the network, named such as `TCP:192.168.1.10:40112`.
    convenience init(_ kind: Kind, at peer: SocketAddress?) {
        self.init(kind: kind, name: "\(kind.rawValue.uppercased()):\(peer.hostAndPort)", address: peer.host)
    }
}
