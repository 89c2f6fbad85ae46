/// How much happened when, in constant memory: the steps double as the time that they cover grows.
package struct ActivityTimeline: Sendable {
    package struct Step: Sendable {
        package internal(set) var requests = 0
        package internal(set) var timeouts = 0
        package internal(set) var drops = 0

        fileprivate mutating func add(_ other: Step) {
            requests += other.requests
            timeouts += other.timeouts
            drops += other.drops
        }
    }

    private static let capacity: Int64 = 360

    /// Seconds of a step: a power of two.
    package private(set) var seconds: Int64 = 1
    /// The number of the first step; step `n` begins `n * seconds` after the start of 1970.
    package private(set) var first: Int64 = 0
    package private(set) var steps: [Step] = []

    mutating func add(_ count: WritableKeyPath<Step, Int>, at wallMicroseconds: Int64) {
        let second = floorDivided(wallMicroseconds, 1_000_000)
        if steps.isEmpty { first = floorDivided(second, seconds) }
        while !covers(floorDivided(second, seconds)) { double() }
        let number = floorDivided(second, seconds)
        if number < first {
            steps.insert(contentsOf: repeatElement(Step(), count: Int(first - number)), at: 0)
            first = number
        }
        let index = Int(number - first)
        if index >= steps.count { steps += repeatElement(Step(), count: index + 1 - steps.count) }
        steps[index][keyPath: count] += 1
    }

    /// The same in at most `count` steps.
    func coarser(atMost count: Int) -> ActivityTimeline {
        var result = self
        while result.steps.count > max(1, count) { result.double() }
        return result
    }

    private func covers(_ number: Int64) -> Bool {
        max(number + 1, first + Int64(steps.count)) - min(number, first) <= Self.capacity
    }

    private mutating func double() {
        let start = floorDivided(first, 2)
        var merged: [Step] = []
        for (offset, step) in steps.enumerated() {
            let index = Int(floorDivided(first + Int64(offset), 2) - start)
            if index == merged.count { merged.append(step) } else { merged[index].add(step) }
        }
        (steps, first, seconds) = (merged, start, seconds * 2)
    }

    private func floorDivided(_ number: Int64, _ divisor: Int64) -> Int64 {
        number >= 0 ? number / divisor : -((divisor - 1 - number) / divisor)
    }
}
