/// Why a gateway cannot run.
package enum GatewayError: Error, CustomStringConvertible {
    case cannotListen(String, reason: String)
    case noInverter
    /// A recording without a single reply.
    case emptyRecording(String)

    package var description: String {
        switch self {
        case .cannotListen(let address, let reason): "cannot listen on \(address): \(reason)"
        case .noInverter: "no line is named"
        case .emptyRecording(let file): "\(file): no request with a reply in it; expected a wire log or a capture"
        }
    }
}
