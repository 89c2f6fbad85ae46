package import Modbus

extension BrokerError {
    /// What a Modbus TCP client is told (R10). nil: nothing, for nobody waits any more.
    package var exceptionCode: ExceptionCode? {
        switch self {
        case .noReply, .silentUnit, .restingRange, .expiredOnLine: .gatewayTargetFailedToRespond
        case .unavailable, .lent, .stopping: .gatewayPathUnavailable
        case .overloaded, .expired: .serverDeviceBusy
        case .refused(let code): code
        case .malformed(let error): error.exceptionCode
        case .withdrawn: nil
        }
    }

    /// What a serial client is told (R10): only a refusal by policy; nil: silence.
    package var serialExceptionCode: ExceptionCode? {
        if case .refused(let code) = self { code } else { nil }
    }
}
