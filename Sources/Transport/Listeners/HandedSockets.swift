internal import Glibc
internal import NIOCore
internal import NIOPosix

/// The listening sockets that were handed over, and their listeners. On the event loop only.
///
/// The service manager keeps the sockets: clients wait in their queue while no process listens. So a listener gets a copy,
/// and its end is not the end of the socket. Another listener at the same address can take it afterwards, where binding
/// would fail.
package final class HandedSockets {
    private var sockets: [HandedSocket]

    package init(_ sockets: [HandedSocket] = []) { self.sockets = sockets }

    /// Closes the sockets at none of these places.
    ///
    /// - Parameter places: host and port; a host that is a name is taken to be at the address of the same port.
    /// - Returns: the closed sockets, such as `127.0.0.1:5020 (growatt-broker.socket)`.
    package func keepOnly(at places: [(host: String, port: Int)]) -> [String] {
        let unfit = sockets.filter { socket in !places.contains { socket.fits(host: $0.host, port: $0.port) } }
        for socket in unfit { close(socket.descriptor) }
        sockets.removeAll { socket in unfit.contains { $0.descriptor == socket.descriptor } }
        return unfit.map(\.text)
    }

    /// Listens at a socket that was handed over for the address, otherwise at one of its own.
    func listen(
        _ bootstrap: ServerBootstrap, host: String, port: Int, on loop: any EventLoop
    ) -> EventLoopFuture<any Channel> {
        let (this, listening) = (NIOLoopBound(self, eventLoop: loop), NIOLoopBound(bootstrap, eventLoop: loop))
        return HostAddress.resolve(host, port: port, on: loop).flatMap { address in
            guard let socket = this.value.copy(at: address) else { return listening.value.bind(to: address) }
            return listening.value.withBoundSocket(socket)
        }
    }

    private func copy(at address: SocketAddress) -> Int32? {
        guard let socket = sockets.first(where: { $0.address == address }) else { return nil }
        let copy = fcntl(socket.descriptor, F_DUPFD_CLOEXEC, 0)
        return copy >= 0 ? copy : nil
    }
}

extension HandedSocket {
    fileprivate func fits(host: String, port: Int) -> Bool {
        guard let address else { return false }
        guard let wanted = try? SocketAddress(ipAddress: host, port: port) else { return address.port == port }
        return address == wanted
    }

    fileprivate var text: String {
        let place = address == nil ? "descriptor \(descriptor), which is no listening TCP socket" : address.text
        return name.isEmpty ? place : "\(place) (\(name))"
    }
}
