package import Broker
internal import Glibc
internal import Modbus
package import NIOCore
internal import NIOPosix

/// A TCP port for Modbus clients: any number of connections up to a limit, which further ones are refused at.
///
/// Made and used on the event loop only.
package final class ModbusTCPListener: Listener {
    private let host: String
    private let port: Int
    private let entrance: ClientEntrance
    private let server: TCPServer

    /// - Parameter port: 0: the system chooses one.
    package init(host: String, port: Int, _ entrance: ClientEntrance) {
        self.host = host
        self.port = port
        self.entrance = entrance
        server = TCPServer(entrance)
    }

    package var connected: Int { server.connected }

    package func start() -> EventLoopFuture<String> {
        server.bind(host: host, port: port) { [entrance] channel in
            let peer = channel.remoteAddress
            let client = Client(kind: .tcp, name: "TCP:\(peer.hostAndPort)", address: peer.host)
            try channel.pipeline.syncOperations.addHandler(
                entrance.handler(of: entrance.begin(client), writes: .toDescriptor, DialFailure.text(of:)))
        }
    }

    @discardableResult
    package func stopAccepting() -> EventLoopFuture<Void> { server.stopAccepting() }

    package func closeConnections() -> EventLoopFuture<Void> { server.closeConnections() }
}

extension ClientEntrance {
    /// Whether a client's first bytes are an RTU request: a read from register 0 looks like a header of Modbus TCP, and its CRC
    /// would be taken for a unit and a function.
    func isRTU(_ bytes: [UInt8]) -> Bool {
        ForeignSpeech(fromClient: bytes, hasTransactions: true) != nil
    }

    /// What serves the connection of a client behind a handler that changes its bytes (TLS).
    ///
    /// - Parameter failure: the words for an error of that handler.
    package func handler(of visit: ClientVisit, failure: @escaping (any Error) -> String) -> any ChannelHandler {
        handler(of: visit, writes: .throughPipeline, failure)
    }

    /// What serves the connection of a client.
    fileprivate func handler(
        of visit: ClientVisit, writes: ModbusTCPHandler.Writes, _ failure: @escaping (any Error) -> String
    ) -> ModbusTCPHandler {
        let timeline = EventLoopTimeline(loop)
        return ModbusTCPHandler(
            timeline: timeline, writes: writes, failure: failure,
            onFirst: { [weak self] bytes in
                self?.whenFirst(bytes, visit.client.address)
                return !(self?.isRTU(bytes) ?? false)
            },
            onInvalid: { [weak self] in self?.noteInvalid() }, onEnd: { [weak self] in self?.end(visit, $0) }
        ) { [path, settings, observe = observer(of: visit)] send in
            TCPClientSession(
                client: visit.client, path: path, settings: settings, timeline: timeline, observe: observe,
                send: send)
        }
    }
}
