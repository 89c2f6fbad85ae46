internal import Glibc
package import NIOCore
package import NIOPosix

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
    /// - Returns: those that are closed.
    package func keepOnly(at places: [(host: String, port: Int)]) -> [HandedSocket] {
        let unfit = sockets.filter { socket in !places.contains { socket.fits(host: $0.host, port: $0.port) } }
        for socket in unfit { close(socket.descriptor) }
        sockets.removeAll { socket in unfit.contains { $0.descriptor == socket.descriptor } }
        return unfit
    }

    /// Listens at a socket that was handed over for the address, otherwise at one of its own.
    package func listen(
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

    /// Why it is closed, of one that fits no listener, and what helps.
    ///
    /// - Parameter configured: the addresses of the listeners that could have taken it.
    package func refusal(configured: [String]) -> String {
        let unit = name.isEmpty ? "" : " (\(name))"
        guard let address else { return "\(subject)\(unit) is \(advice)" }
        let list = configured.isEmpty ? "none is" : configured.joined(separator: ", ")
        return """
            the socket that was handed over at \(Optional(address).text)\(unit) fits no TCP listener and is closed; configured: \
            \(list). Make ListenStream= of the socket unit and the configuration the same
            """
    }

    private var subject: String { "the socket that was handed over as descriptor \(descriptor)" }

    private var advice: String {
        switch kind {
        case .udp:
            "of UDP and is closed; expected listening sockets of TCP. Remove ListenDatagram= from the socket unit: a udp listener "
                + "binds its address itself"
        case .unix:
            "a Unix socket and is closed; expected listening sockets of TCP, as by ListenStream=0.0.0.0:5020. The broker makes its "
                + "control socket itself (--control)"
        case .listeningTCP, .other:
            "none that listens for TCP clients and is closed; expected one, as by ListenStream=0.0.0.0:5020 with Accept=no"
        }
    }
}
