internal import Glibc
internal import NIOCore

/// A socket that was handed over at the start of this process, such as that of systemd's socket unit.
///
/// Source: sd_listen_fds(3).
package struct HandedSocket: Sendable {
    /// The first descriptor that is handed over.
    private static let first: Int32 = 3
    private static let most: Int32 = 1024

    let descriptor: Int32
    /// The manager's name for the socket, mostly that of its unit; may be empty.
    let name: String
    /// nil: the socket does not listen for TCP clients.
    let address: SocketAddress?

    init(descriptor: Int32, name: String) {
        self.descriptor = descriptor
        self.name = name
        address = Self.listens(descriptor) ? Self.address(of: descriptor) : nil
    }

    /// The sockets for this process. Removes the variables that announce them, so that no other process takes them.
    package static func taken() -> [HandedSocket] {
        func text(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
        let (process, count) = (text("LISTEN_PID"), text("LISTEN_FDS").flatMap { Int32($0) } ?? 0)
        let names = (text("LISTEN_FDNAMES") ?? "").split(separator: ":", omittingEmptySubsequences: false)
        for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { unsetenv(name) }
        // The variables may be for another process, which started this one.
        guard process == "\(getpid())", (1...most).contains(count) else { return [] }
        return (0..<count).map { index in
            _ = fcntl(first + index, F_SETFD, FD_CLOEXEC)
            let name = names.indices.contains(Int(index)) ? String(names[Int(index)]) : ""
            return HandedSocket(descriptor: first + index, name: name)
        }
    }

    private static func listens(_ descriptor: Int32) -> Bool {
        func option(_ name: Int32) -> Int32? {
            var value: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            return getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 ? value : nil
        }
        return option(SO_TYPE) == Int32(SOCK_STREAM.rawValue) && option(SO_ACCEPTCONN) == 1
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
