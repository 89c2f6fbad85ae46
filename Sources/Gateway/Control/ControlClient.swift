internal import Glibc
package import Text
internal import Transport

/// Asks a running broker by its socket. Blocks.
package final class ControlClient {
    /// Seconds until a broker that hangs is told as such. One that runs takes connections and commands at once.
    private static let sendLimit = 5
    /// A reload may have a large recording to read.
    private static let answerLimit = 60

    private var descriptor: Int32 = -1
    private var path = ""
    private var received: [UInt8] = []

    /// - Parameter paths: of the sockets of which the first that a broker listens at is meant.
    /// - Throws: ``GatewayError/cannotConnect(_:reason:)`` with the reason of the last one;
    ///   ``GatewayError/notAnswered(_:seconds:)`` if the broker that is meant hangs.
    package init(_ paths: [String]) throws(GatewayError) {
        var reason = "there is no such place"
        for path in paths {
            do throws(GatewayError) {
                descriptor = try ControlSocket.connect(to: path, within: Self.sendLimit)
                self.path = path
                break
            } catch {
                guard case .cannotConnect(_, let text) = error else { throw error }
                reason = text
            }
        }
        guard descriptor >= 0 else { throw .cannotConnect(paths.joined(separator: " or "), reason: reason) }
        SocketTimeLimit.ofReceiving(descriptor, seconds: Self.answerLimit)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// - Returns: the result that the broker gives.
    /// - Throws: ``GatewayError/refused(_:)`` with what the broker has against it; ``GatewayError/connectionLost(_:)``;
    ///   ``GatewayError/notAnswered(_:seconds:)``.
    package func ask(_ command: ControlCommand) throws(GatewayError) -> JSONValue {
        var rest = command.line[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0, errno == EAGAIN { throw .notAnswered(path, seconds: Self.sendLimit) }
            guard count > 0 else { throw lost }
            rest = rest.dropFirst(count)
        }
        switch try ControlReply(line: try line()) {
        case .result(let value): return value
        case .failure(let reason): throw .refused(reason)
        }
    }

    private func line() throws(GatewayError) -> [UInt8] {
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                defer { received.removeSubrange(...end) }
                return Array(received[..<end])
            }
            var bytes = [UInt8](repeating: 0, count: 65536)
            let count = recv(descriptor, &bytes, bytes.count, 0)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { throw .notAnswered(path, seconds: Self.answerLimit) }
            guard count > 0 else { throw lost }
            received += bytes[..<count]
        }
    }

    private var lost: GatewayError { .connectionLost("the broker has closed the control socket") }
}
