@testable import Text
import Simulator
import Testing

@Suite("Histograms of durations")
struct DurationHistogramTests {
    @Test(arguments: 1...100 as ClosedRange<UInt64>)
    func `quantiles are within 0.4 % of those of all durations`(seed: UInt64) throws {
        var random = RandomSource(seed: seed)
        let longest = Int64(1) << Int64.random(in: 1...36, using: &random)
        let durations = (0..<Int.random(in: 1...500, using: &random)).map { _ in
            Int64.random(in: 0..<longest, using: &random)
        }
        var histogram = DurationHistogram()
        for duration in durations { histogram.add(duration) }
        let sorted = durations.sorted()
        for quantile in [0.01, 0.5, 0.9, 0.99, 1] {
            let exact = sorted[max(1, Int((quantile * Double(sorted.count)).rounded(.up))) - 1]
            let found = try #require(histogram.quantile(quantile))
            #expect(
                abs(Double(found - exact)) <= Double(exact) * 0.004, "seed \(seed), \(quantile): \(found), \(exact)")
        }
        #expect(histogram.longest == sorted.last)
        #expect(histogram.steps.reduce(0) { $0 + $1.count } == durations.count)
    }

    @Test func `nothing has no median, and what cannot be is bounded`() {
        var histogram = DurationHistogram()
        #expect(histogram.median == nil)
        histogram.add(.max)
        histogram.add(.min)
        #expect(histogram.count == 2)
        #expect(histogram.quantile(0.5) == 0)
    }
}
