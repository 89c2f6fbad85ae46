internal import Endpoints
internal import Glibc
internal import Settings
internal import Transport

/// A TCP connection that is only read.
final class FeedConnection {
    /// Limit in seconds for connecting to one address, as with any other server.
    private static let connectLimit = 5

    let descriptor: Int32
    let name: String

    /// Connects, and waits for it.
    ///
    /// - Throws: ``ToolError/cannotOpen(endpoint:reason:)``.
    init(_ address: HostPort) throws(ToolError) {
        name = "\(address)"
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(address.host, "\(address.port)", &hints, &found)
        defer { if let found { freeaddrinfo(found) } }
        guard code == 0 else { throw .cannotOpen(endpoint: name, reason: DialFailure.unknownHost) }
        var reason = DialFailure.unknownHost
        var next = found
        while let candidate = next?.pointee {
            let opened = socket(
                candidate.ai_family, candidate.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), candidate.ai_protocol)
            // Without it, an address that does not answer would take more than two minutes.
            SocketTimeLimit.ofSending(opened, seconds: Self.connectLimit)
            if opened >= 0, connect(opened, candidate.ai_addr, candidate.ai_addrlen) == 0 {
                descriptor = opened
                return
            }
            reason = DialFailure.text(ofCode: errno)
            if opened >= 0 { Glibc.close(opened) }
            next = candidate.ai_next
        }
        throw .cannotOpen(endpoint: name, reason: reason)
    }

    deinit { Glibc.close(descriptor) }
}
