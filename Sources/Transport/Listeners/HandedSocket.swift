internal import Glibc
internal import NIOCore

/// A socket that was handed over at the start of this process, such as that of systemd's socket unit.
///
/// Source: sd_listen_fds(3).
package struct HandedSocket: Sendable {
    /// What a socket is, as far as it matters whether a listener can take it.
    enum Kind: Hashable {
        case listeningTCP(SocketAddress)
        case udp, unix
        /// Such as a stream that does not listen.
        case other
    }

    let descriptor: Int32
    /// The manager's name for the socket, mostly that of its unit; may be empty.
    let name: String
    let kind: Kind

    init(descriptor: Int32, name: String) {
        self.descriptor = descriptor
        self.name = name
        kind = Self.kind(of: descriptor)
    }

    /// nil: it is none that listens for TCP clients.
    var address: SocketAddress? { if case .listeningTCP(let address) = kind { address } else { nil } }

    private static func kind(of descriptor: Int32) -> Kind {
        func option(_ name: Int32) -> Int32? {
            var value: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            return getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 ? value : nil
        }
        if option(SO_DOMAIN) == AF_UNIX { return .unix }
        let type = option(SO_TYPE)
        guard let address = address(of: descriptor) else { return .other }
        if type == Int32(SOCK_DGRAM.rawValue) { return .udp }
        return type == Int32(SOCK_STREAM.rawValue) && option(SO_ACCEPTCONN) == 1 ? .listeningTCP(address) : .other
    }

    /// nil: no IP address.
    private static func address(of descriptor: Int32) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { storage in
            let found = storage.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &length)
            }
            guard found == 0 else { return nil }
            switch Int32(storage.pointee.ss_family) {
            case AF_INET:
                return storage.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { SocketAddress($0.pointee) }
            case AF_INET6:
                return storage.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { SocketAddress($0.pointee) }
            default: return nil
            }
        }
    }
}
