/// Whole nanoseconds, in 64 bits.
///
/// The arithmetic of the standard library is generic over integers and not specialised here: several hundred
/// instructions an operation, on the way of every query.
extension Duration {
    package init(nanoseconds: Int64) {
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        self.init(secondsComponent: seconds, attosecondsComponent: rest * 1_000_000_000)
    }

    /// 292 years at most, and not more for what is longer.
    package var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflows) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, sumOverflows) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflows || sumOverflows ? (seconds < 0 ? .min : .max) : sum
    }

    /// 292 years at most.
    package static func * (duration: Duration, factor: Int) -> Duration {
        let (product, overflows) = duration.nanoseconds.multipliedReportingOverflow(by: Int64(factor))
        return Duration(nanoseconds: overflows ? ((duration < .zero) != (factor < 0) ? .min : .max) : product)
    }

    package static func / (duration: Duration, divisor: Int) -> Duration {
        Duration(nanoseconds: duration.nanoseconds / Int64(divisor))
    }
}
