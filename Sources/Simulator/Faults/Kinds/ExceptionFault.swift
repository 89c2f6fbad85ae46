internal import Modbus

/// The unit answers with an exception, and does not execute the request.
struct ExceptionFault: FaultKind {
    static let word = "exception"
    static let settings: [FaultSetting<ExceptionFault>] = [
        .value("code", \.codes, "an exception code 1 to 255") { UInt8($0).flatMap { $0 == 0 ? nil : $0...$0 } }
    ]

    var codes: ClosedRange<UInt8> = 4...4
    /// Of this answer.
    var code: UInt8 = 4

    static func drawn(within limits: FaultLimits, _ random: inout RandomSource) -> Self? {
        Self(codes: 1...11)
    }

    mutating func draw(_ random: inout RandomSource) {
        code = codes.count == 1 ? codes.lowerBound : UInt8.random(in: codes, using: &random)
    }

    var request: RequestEffect { .refused(ExceptionCode(rawValue: code)) }
}
