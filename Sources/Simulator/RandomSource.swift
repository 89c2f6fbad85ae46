internal import Broker

/// A repeatable source of randomness (SplitMix64): one seed, one sequence, on every machine.
///
/// Source: Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators (OOPSLA 2014).
package struct RandomSource: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// True with this probability, 0–1.
    package mutating func chance(_ probability: Double) -> Bool {
        Double(next() >> 11) * 0x1p-53 < probability
    }

    /// A duration within the range, to the nanosecond.
    package mutating func duration(_ range: ClosedRange<Duration>) -> Duration {
        let (low, high) = (range.lowerBound.nanoseconds, range.upperBound.nanoseconds)
        return .nanoseconds(Int64.random(in: low...high, using: &self))
    }

    /// 1–12 bytes.
    mutating func noise() -> [UInt8] {
        (0..<Int.random(in: 1...12, using: &self)).map { _ in UInt8.random(in: 0...255, using: &self) }
    }

    /// A generator of its own, so that what it decides does not depend on what others draw.
    package mutating func split() -> RandomSource {
        RandomSource(seed: next())
    }
}
