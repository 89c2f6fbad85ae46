internal import Dispatch
internal import NIOCore

/// No name server, and no file, knows the name.
struct UnknownHost: Error, CustomStringConvertible {
    var description: String { "there is no host of that name" }
}

/// Where hosts are.
enum HostAddress {
    /// Looks a name up, not on the loop: it can take seconds. A numeric address is there at once.
    static func resolve(_ host: String, port: Int, on loop: any EventLoop) -> EventLoopFuture<SocketAddress> {
        if let address = try? SocketAddress(ipAddress: host, port: port) { return loop.makeSucceededFuture(address) }
        let address = loop.makePromise(of: SocketAddress.self)
        DispatchQueue.global().async {
            address.completeWith(
                Result { try SocketAddress.makeAddressResolvingHost(host, port: port) }
                    .mapError { $0 is SocketAddressError.UnknownHost ? UnknownHost() : $0 })
        }
        return address.futureResult
    }
}
