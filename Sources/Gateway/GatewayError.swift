/// Why a gateway cannot run.
package enum GatewayError: Error, CustomStringConvertible {
    case cannotListen(String, reason: String)
    case noInverter

    package var description: String {
        switch self {
        case .cannotListen(let address, let reason): "cannot listen on \(address): \(reason)"
        case .noInverter: "no line is named"
        }
    }
}
