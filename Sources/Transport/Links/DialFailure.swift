internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// What went wrong with a connection, in the words of the system.
enum DialFailure {
    static func text(of error: any Error) -> String {
        switch error {
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case let error as NIOConnectionError: text(of: error)
        case ChannelError.connectTimeout: "no answer"
        case NIOSSLError.uncleanShutdown: "cut off, without the end of TLS"
        default: "\(error)"
        }
    }

    /// What the last address said; without an address, that there is none.
    private static func text(of error: NIOConnectionError) -> String {
        error.connectionErrors.last.map { text(of: $0.error) } ?? UnknownHost().description
    }
}
