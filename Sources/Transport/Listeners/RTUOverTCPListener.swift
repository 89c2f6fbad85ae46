internal import Broker
internal import Glibc
package import NIOCore
internal import NIOPosix

/// A TCP port for clients that speak RTU, as through a serial server: each connection is a serial client (R5, R6).
///
/// A connection is closed that sends nothing but noise, or does not fetch its answers. Made and used on the event loop
/// only.
package final class RTUOverTCPListener: Listener {
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
        server.bind(host: host, port: port) { [entrance] in try entrance.serveRTU($0) }
    }

    @discardableResult
    package func stopAccepting() -> EventLoopFuture<Void> { server.stopAccepting() }

    package func closeConnections() -> EventLoopFuture<Void> { server.closeConnections() }
}

extension ClientEntrance {
    /// What holds for clients that speak RTU over a network: they are as patient as those of Modbus TCP.
    var settingsOfRTU: ClientSettings {
        var settings = settings
        settings.serialTimeout = settings.timeToAnswer
        return settings
    }

    fileprivate func serveRTU(_ channel: any Channel) throws {
        try channel.syncOptions?.setOption(TCPLiveness.unacknowledged.name, value: TCPLiveness.unacknowledged.value)
        let peer = channel.remoteAddress
        let stream = ByteStreamHandler(peer: .client)
        let visit = begin(Client(kind: .rtu, name: "RTU:\(peer.hostAndPort)", address: peer.host))
        let client = StreamClient(
            visit.client, path: path, settings: settingsOfRTU, loop: loop, observe: observer(of: visit),
            send: { [weak stream] in stream?.write($0) })
        var isFirst = true
        stream.received = { [weak self, weak stream] bytes in
            if isFirst { self?.whenFirst(Array(bytes.readableBytesView), peer.host) }
            isFirst = false
            guard !client.received(bytes) else { return }
            self?.noteInvalid()
            stream?.close(StreamClient.noiseReason)
        }
        stream.closed = { [weak self] reason in
            client.closed()
            self?.end(visit, reason)
        }
        try channel.pipeline.syncOperations.addHandlers(ReadPacing(EventLoopTimeline(loop)), stream)
        client.opened()
    }
}
