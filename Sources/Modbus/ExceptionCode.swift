/// The second byte of an exception reply: an open set.
///
/// Source: Modbus Application Protocol V1.1b3, section 7.
package struct ExceptionCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package static let illegalFunction = ExceptionCode(rawValue: 0x01)
    package static let illegalDataAddress = ExceptionCode(rawValue: 0x02)
    package static let illegalDataValue = ExceptionCode(rawValue: 0x03)
    package static let serverDeviceFailure = ExceptionCode(rawValue: 0x04)
    package static let acknowledge = ExceptionCode(rawValue: 0x05)
    package static let serverDeviceBusy = ExceptionCode(rawValue: 0x06)
    package static let gatewayPathUnavailable = ExceptionCode(rawValue: 0x0A)
    package static let gatewayTargetFailedToRespond = ExceptionCode(rawValue: 0x0B)

    /// The name in the specification, or the number where it has none.
    package var description: String {
        switch self {
        case .illegalFunction: "illegal function"
        case .illegalDataAddress: "illegal data address"
        case .illegalDataValue: "illegal data value"
        case .serverDeviceFailure: "server device failure"
        case .acknowledge: "acknowledge"
        case .serverDeviceBusy: "server device busy"
        case .gatewayPathUnavailable: "gateway path unavailable"
        case .gatewayTargetFailedToRespond: "gateway target device failed to respond"
        default: "exception \(rawValue)"
        }
    }
}
