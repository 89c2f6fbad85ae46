/// Why a gateway cannot run.
package enum GatewayError: Error, CustomStringConvertible {
    case cannotListen(String, reason: String)
    case demo(String)

    package var description: String {
        switch self {
        case .cannotListen(let address, let reason): "cannot listen on \(address): \(reason)"
        case .demo(let reason): "the demo cannot start: \(reason)"
        }
    }
}
