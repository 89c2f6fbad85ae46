internal import Glibc
internal import Growatt

/// How a single number moves, as a function of the simulated time. Values in the unit that the register's scale gives.
package enum Generator: Hashable, Sendable {
    case constant(Double)
    /// One value after the other, each for `every` seconds, and again from the first.
    case steps([Double], every: Double)
    /// From one value to another in `over` seconds; then it stays, or begins again.
    case ramp(from: Double, to: Double, over: Double, repeats: Bool)
    /// `period` and `phase` in seconds; at the phase it rises through its mean.
    case sine(mean: Double, amplitude: Double, period: Double, phase: Double)
    /// A new value within `mean ± amplitude` every so many seconds.
    case noise(mean: Double, amplitude: Double, every: Double)
    /// From `start` up to `step` up or down every so many seconds, within bounds.
    case randomWalk(start: Double, step: Double, every: Double, bounds: ClosedRange<Double>)
    /// Rises steadily; from the stored value where `start` is nil; falls to 0 at midnight if `daily`, and where its
    /// registers end.
    case counter(start: Double?, perHour: Double, daily: Bool)
    /// The values of a file.
    case series(CSVSeries)
    /// What a plant has of this name.
    case quantity(String)
}

/// A generator at work: what it needs besides the time.
struct RunningGenerator {
    let drive: RegisterDrive
    /// Decides what is random here and nowhere else.
    private let seed: UInt64
    private var walk: (step: Int64, value: Double, random: RandomSource)

    init(_ drive: RegisterDrive, seed: UInt64) {
        self.drive = drive
        self.seed = seed
        walk = (0, 0, RandomSource(seed: seed))
        if case .randomWalk(let start, _, _, _) = drive.generator { walk.value = start }
    }

    /// - Parameters:
    ///   - elapsed: simulated seconds since the start; never less than before.
    ///   - start: seconds since midnight at the start.
    ///   - stored: the register's own value.
    ///   - quantity: asks the plant.
    mutating func value(
        elapsed: Double, start: Double, stored: Double, quantity: (String) -> Double?
    ) -> Double {
        switch drive.generator {
        case .constant(let value): return value
        case .steps(let values, let every):
            return values[Int(Int64(elapsed / every) % Int64(values.count))]
        case .ramp(let from, let to, let over, let repeats):
            let turns = elapsed / over
            return from + (to - from) * (repeats ? turns - turns.rounded(.down) : min(1, turns))
        case .sine(let mean, let amplitude, let period, let phase):
            return mean + amplitude * sin(2 * .pi * (elapsed - phase) / period)
        case .noise(let mean, let amplitude, let every):
            var random = RandomSource(seed: seed &+ UInt64(elapsed / every) &* 0x9E37_79B9_7F4A_7C15)
            return mean + amplitude * random.signed()
        case .randomWalk(_, let step, let every, let bounds):
            while walk.step < Int64(elapsed / every) {
                walk.step += 1
                let next = walk.value + step * walk.random.signed()
                walk.value = min(bounds.upperBound, max(bounds.lowerBound, next))
            }
            return walk.value
        case .counter(let first, let perHour, let daily):
            let isLaterDay = daily && start + elapsed >= 86400
            let time = isLaterDay ? (start + elapsed).truncatingRemainder(dividingBy: 86400) : elapsed
            let value = (isLaterDay ? 0 : first ?? stored) + perHour * time / 3600
            return value.truncatingRemainder(
                dividingBy: drive.place.encoding.range.upperBound + drive.place.encoding.scale)
        case .series(let series): return series.value(at: elapsed)
        case .quantity(let name): return quantity(name) ?? 0
        }
    }
}

extension RandomSource {
    /// −1 to 1.
    fileprivate mutating func signed() -> Double { Double(Int64(bitPattern: next()) >> 11) * 0x1p-52 }
}
