import Broker
import NIOCore
import NIOEmbedded
import Testing

@testable import Transport

@Suite struct EventLoopTimelineTests {
    @Test func `a timer rings once at its instant`() {
        let loop = EmbeddedEventLoop()
        let timeline = EventLoopTimeline(loop)
        var rings: [Instant] = []
        let timer = timeline.makeTimer { rings.append(timeline.now) }
        timer.set(timeline.now + .milliseconds(5))
        loop.advanceTime(by: .milliseconds(4))
        #expect(rings.isEmpty)
        loop.advanceTime(by: .seconds(1))
        #expect(rings.count == 1)
    }

    @Test func `a timer that is set later does not ring at the earlier instant`() {
        let loop = EmbeddedEventLoop()
        let timeline = EventLoopTimeline(loop)
        var rings = 0
        let timer = timeline.makeTimer { rings += 1 }
        timer.set(timeline.now + .milliseconds(5))
        timer.set(timeline.now + .milliseconds(50))
        loop.advanceTime(by: .milliseconds(49))
        #expect(rings == 0)
        loop.advanceTime(by: .milliseconds(1))
        #expect(rings == 1)
    }

    @Test func `a timer that is set earlier rings at the earlier instant, and once`() {
        let loop = EmbeddedEventLoop()
        let timeline = EventLoopTimeline(loop)
        var rings = 0
        let timer = timeline.makeTimer { rings += 1 }
        timer.set(timeline.now + .milliseconds(50))
        timer.set(timeline.now + .milliseconds(5))
        loop.advanceTime(by: .milliseconds(5))
        #expect(rings == 1)
        loop.advanceTime(by: .seconds(1))
        #expect(rings == 1)
    }

    @Test func `a timer that is unset does not ring, and can be set again`() {
        let loop = EmbeddedEventLoop()
        let timeline = EventLoopTimeline(loop)
        var rings = 0
        let timer = timeline.makeTimer { rings += 1 }
        timer.set(timeline.now + .milliseconds(5))
        timer.set(nil)
        loop.advanceTime(by: .milliseconds(10))
        #expect(rings == 0)
        timer.set(timeline.now + .milliseconds(5))
        loop.advanceTime(by: .milliseconds(5))
        #expect(rings == 1)
    }

    @Test func `a timer may be set again from its own ring`() {
        let loop = EmbeddedEventLoop()
        let timeline = EventLoopTimeline(loop)
        var rings = 0
        var timer: (any WakeTimer)?
        timer = timeline.makeTimer {
            rings += 1
            if rings < 3 { timer?.set(timeline.now + .milliseconds(1)) }
        }
        timer?.set(timeline.now)
        loop.advanceTime(by: .seconds(1))
        #expect(rings == 3)
    }
}
