@testable import Reports
import Simulator
import Testing

@Suite("Activity over time")
struct ActivityTimelineTests {
    @Test(arguments: 1...60 as ClosedRange<UInt64>)
    func `every event stands in the step of its time, in any order and over any time`(seed: UInt64) throws {
        var random = RandomSource(seed: seed)
        let span = Int64(1) << Int64.random(in: 20...50, using: &random)
        let times = (0..<200).map { _ in Int64.random(in: -span...span, using: &random) }
        var timeline = ActivityTimeline()
        for time in times { timeline.add(\.requests, at: time) }
        #expect(timeline.steps.count <= 360)
        for shown in [timeline, timeline.coarser(atMost: 100)] {
            let width = shown.seconds * 1_000_000
            for (index, step) in shown.steps.enumerated() {
                let start = (shown.first + Int64(index)) * width
                let expected = times.count { (start..<start + width).contains($0) }
                #expect(step.requests == expected, "seed \(seed)")
            }
            #expect(shown.steps.reduce(0) { $0 + $1.requests } == times.count, "seed \(seed)")
        }
        #expect(timeline.coarser(atMost: 100).steps.count <= 100)
    }
}
