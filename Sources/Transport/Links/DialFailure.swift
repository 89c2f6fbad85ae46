internal import Glibc
internal import NIOCore
internal import NIOPosix

/// What went wrong with a connection, in the words of the system.
enum DialFailure {
    private static let noHost = "there is no host of that name"

    static func text(of error: any Error) -> String {
        switch error {
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case let error as NIOConnectionError: text(of: error)
        case ChannelError.connectTimeout: "no answer"
        case is SocketAddressError.UnknownHost: noHost
        default: "\(error)"
        }
    }

    /// What the last address said; without an address, that there is none.
    private static func text(of error: NIOConnectionError) -> String {
        error.connectionErrors.last.map { text(of: $0.error) } ?? noHost
    }
}
