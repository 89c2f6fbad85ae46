/// Durations of one kind: how many, their sum and the longest.
struct TimeFigures {
    private(set) var count = 0
    private var sum: Duration = .zero
    private(set) var longest: Duration = .zero

    mutating func note(_ duration: Duration) {
        count += 1
        sum += duration
        longest = max(longest, duration)
    }

    mutating func add(_ other: TimeFigures) {
        count += other.count
        sum += other.sum
        longest = max(longest, other.longest)
    }

    /// nil: there was none.
    var mean: Duration? { count == 0 ? nil : sum / count }
}
