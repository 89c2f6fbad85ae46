/// Why a gateway cannot run.
package enum GatewayError: Error, CustomStringConvertible {
    case cannotListen(String, reason: String)
    case noInverter
    case cannotConnect(String, reason: String)
    case connectionLost(String)
    /// A broker is at this socket, but hangs.
    case notAnswered(String, seconds: Int)
    /// A recording without a single reply.
    case emptyRecording(String)
    /// A recording without a single request.
    case noRequest(String)

    /// A line of the control protocol that is none, or asks for what cannot be.
    case refused(String)
    case stopping

    package var description: String {
        switch self {
        case .cannotListen(let address, let reason): "cannot listen on \(address): \(reason)"
        case .cannotConnect(let address, let reason): "cannot connect to \(address): \(reason)"
        case .connectionLost(let reason): "the connection was lost: \(reason)"
        case .notAnswered(let path, let seconds): "the broker at \(path) has not answered within \(seconds) s"
        case .refused(let reason): reason
        case .stopping: "the broker is stopping"
        case .noInverter: "no line is named"
        case .noRequest(let file): "\(file): no request in it; expected a wire log or a capture"
        case .emptyRecording(let file): "\(file): no request with a reply in it; expected a wire log or a capture"
        }
    }
}
