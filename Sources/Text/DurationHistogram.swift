/// How often which duration occurred, in constant memory: 128 steps for each doubling, so within 0.4 %.
package struct DurationHistogram: Sendable {
    /// Steps of a doubling, as a power of two.
    private static let precision = 7
    /// Longer durations count as this: 19 hours.
    private static let largest: Int64 = 1 << 36

    /// Empty until the first duration.
    private var counts: [UInt32] = []
    package private(set) var count = 0
    /// In microseconds.
    package private(set) var shortest = Int64.max
    /// In microseconds.
    package private(set) var longest: Int64 = 0

    package init() {}

    /// - Parameter microseconds: less than 0 counts as 0.
    package mutating func add(_ microseconds: Int64) {
        let duration = min(max(0, microseconds), Self.largest)
        let step = Self.step(of: duration)
        if step >= counts.count {
            counts.append(contentsOf: repeatElement(0, count: step + 1 - counts.count))
        }
        counts[step] &+= 1
        count += 1
        shortest = min(shortest, duration)
        longest = max(longest, duration)
    }

    /// The duration in microseconds that the share `quantile` of all does not exceed; nil if there is none.
    package func quantile(_ quantile: Double) -> Int64? {
        guard count > 0 else { return nil }
        let rank = max(1, Int((quantile * Double(count)).rounded(.up)))
        var seen = 0
        for (step, count) in counts.enumerated() {
            seen += Int(count)
            if seen >= rank { return min(max(Self.middle(of: step), shortest), longest) }
        }
        return longest
    }

    package var median: Int64? { quantile(0.5) }
    package var p99: Int64? { quantile(0.99) }

    /// Steps that occurred: their bounds in microseconds, and how often.
    package var steps: [(range: Range<Int64>, count: Int)] {
        counts.enumerated().filter { $0.element > 0 }.map { (Self.range(of: $0.offset), Int($0.element)) }
    }

    private static func step(of duration: Int64) -> Int {
        let exponent = max(0, 63 - duration.leadingZeroBitCount - precision)
        return exponent << precision + Int(duration >> exponent)
    }

    private static func range(of step: Int) -> Range<Int64> {
        let exponent = max(0, step >> precision - 1)
        let start = Int64(step - exponent << precision) << exponent
        return start..<start + 1 << exponent
    }

    private static func middle(of step: Int) -> Int64 {
        let range = range(of: step)
        return (range.lowerBound + range.upperBound - 1) / 2
    }
}
