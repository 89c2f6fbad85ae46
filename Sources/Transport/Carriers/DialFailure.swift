internal import Glibc
internal import NIOCore
internal import NIOPosix

/// The reason why a connection failed, in the same words everywhere.
package enum DialFailure {
    package static let noAnswer = "no answer"
    package static let closedByServer = "closed by the server"
    package static let unknownHost = UnknownHost().description

    package static func text(of error: any Error) -> String {
        switch error {
        case let error as IOError: text(ofCode: error.errnoCode)
        case let error as NIOConnectionError: text(of: error)
        case ChannelError.connectTimeout: noAnswer
        default: "\(error)"
        }
    }

    /// - Parameter code: an errno.
    package static func text(ofCode code: Int32) -> String {
        // The last two come from a socket that waits for a limited time.
        [ETIMEDOUT, EINPROGRESS, EAGAIN].contains(code) ? noAnswer : String(cString: strerror(code))
    }

    /// What the last address said; without an address, that there is none.
    private static func text(of error: NIOConnectionError) -> String {
        error.connectionErrors.last.map { text(of: $0.error) } ?? unknownHost
    }
}
