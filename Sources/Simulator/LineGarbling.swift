/// What bytes become where one side of a line has another speed or format than the other: other bytes, mostly fewer.
///
/// Made up, not computed from bit times; what matters is that no frame survives. The same seed, the same bytes.
package struct LineGarbling: Sendable {
    private var random: RandomSource

    package init(seed: UInt64) { random = RandomSource(seed: seed) }

    package mutating func garbled(_ bytes: [UInt8]) -> [UInt8] {
        bytes.compactMap { byte in
            random.chance(0.3) ? nil : byte ^ UInt8.random(in: 1...255, using: &random)
        }
    }
}
