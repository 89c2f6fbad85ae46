internal import WireLog

/// Times in which nothing was logged.
package struct Gaps: Sendable {
    package struct Gap: Sendable {
        /// When it began, on the clock on the wall.
        package let wallMicroseconds: Int64
        /// In microseconds.
        package let duration: Int64
    }

    /// A shorter one is none: microseconds.
    package static let least: Int64 = 10_000_000
    private static let kept = 10

    package private(set) var count = 0
    /// The longest ones, in descending order.
    package private(set) var longest: [Gap] = []
    private var last: (time: Int64, wall: Int64)?

    mutating func add(_ line: RecordedLine) {
        defer { last = (line.microseconds, line.wallMicroseconds) }
        guard let last, line.microseconds - last.time >= Self.least else { return }
        count += 1
        let gap = Gap(wallMicroseconds: last.wall, duration: line.microseconds - last.time)
        let index = longest.firstIndex { $0.duration < gap.duration } ?? longest.endIndex
        longest.insert(gap, at: index)
        if longest.count > Self.kept { longest.removeLast() }
    }
}
