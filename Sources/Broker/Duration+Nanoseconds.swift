/// Whole nanoseconds, in 64 bits.
///
/// The arithmetic of the standard library is generic over integers and not specialised here: several hundred
/// instructions an operation, on the way of every query.
extension Duration {
    package init(nanoseconds: Int64) {
        self.init(attoseconds: Int128(nanoseconds) * 1_000_000_000)
    }

    /// 292 years at most, and not more for what is longer.
    package var nanoseconds: Int64 {
        // Up to 78 minutes: a billion is 2⁹ times 5⁹, and what is left fits a division of 64 bits, a tenth as long.
        let shifted = attoseconds >> 9
        if shifted >= 0, shifted <= Int64.max { return Int64(truncatingIfNeeded: shifted) / 1_953_125 }
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
