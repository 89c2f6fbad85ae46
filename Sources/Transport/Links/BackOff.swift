internal import NIOCore

/// How long it takes until something that has failed is tried again: 0.25 s, doubling to 5 s (R12).
struct BackOff {
    static let longest: TimeAmount = .seconds(5)
    static let first: TimeAmount = .milliseconds(250)

    private var time = first

    mutating func reset() { time = Self.first }

    /// - Returns: the time to wait now; the next one is longer.
    mutating func next() -> TimeAmount {
        defer { time = min(time * 2, Self.longest) }
        return time
    }
}
