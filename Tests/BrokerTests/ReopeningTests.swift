import Broker
import Testing

/// R12: when something is opened, and opened again, in virtual time.
@Suite struct ReopeningTests {
    /// A ``Reopening`` at an instant that the test chooses.
    private final class Bench {
        private var reopening: Reopening
        var now = Instant.start + .seconds(1000)
        /// Of the opening that was begun last.
        private(set) var number = 0

        init(_ manner: Reopening.Manner) { reopening = Reopening(manner) }

        var lastReason: String? { reopening.lastReason }
        var isStopped: Bool { reopening.isStopped }
        /// How long it is until the next opening.
        var pause: Duration? { reopening.nextOpening.map { $0 - now } }

        func isAwaiting(_ opening: Int) -> Bool { reopening.isAwaiting(opening) }

        func begin() -> Int? {
            let begun = reopening.begin(at: now)
            number = begun ?? number
            return begun
        }

        func opened(_ opening: Int? = nil) -> Bool { reopening.opened(opening ?? number, at: now) }

        func failed(_ reason: String, _ opening: Int? = nil) -> String? {
            reopening.failed(opening ?? number, reason, at: now)
        }

        func lost(_ opening: Int? = nil) -> Bool { reopening.lost(opening ?? number, at: now) }

        func noteUse() { reopening.noteUse() }

        func trouble(_ reason: String) -> String? { reopening.trouble(reason, at: now) }

        func stop() { reopening.stop() }

        func wait(_ time: Duration) { now = now + time }

        /// Opens it as soon as that is due.
        func open() -> Bool {
            wait(pause ?? .zero)
            return begin() != nil && opened()
        }

        /// Begins as soon as that is due, and fails.
        func fail(_ reason: String) -> String? {
            wait(pause ?? .zero)
            return begin() == nil ? "not begun" : failed(reason)
        }

        /// Opens it as soon as that is due, and loses it.
        ///
        /// - Returns: the time until it is opened again.
        func lose(after time: Duration, isUsed: Bool) -> Duration? {
            guard open() else { return nil }
            if isUsed { noteUse() }
            wait(time)
            return lost() ? pause : nil
        }
    }

    private static let line = Reopening.Manner.server(pauseAfterUse: .zero)
    private static let dongle = Reopening.Manner.server(pauseAfterUse: .milliseconds(250))

    private static func milliseconds(_ values: [Int]) -> [Duration?] { values.map { .milliseconds($0) } }

    @Test func `R12 a server that closes behind each reply is dialled at once every time`() {
        let bench = Bench(Self.line)
        let pauses = (0..<10).map { _ in bench.lose(after: .milliseconds(20), isUsed: true) }
        #expect(pauses == Array(repeating: .zero, count: 10))
    }

    @Test func `R12 a server that takes connections and says nothing is dialled less and less`() {
        let bench = Bench(Self.line)
        let uses = Array(repeating: false, count: 7) + [true, false]
        let pauses = uses.map { bench.lose(after: .milliseconds(20), isUsed: $0) }
        #expect(pauses == Self.milliseconds([250, 500, 1000, 2000, 4000, 5000, 5000, 0, 250]))
    }

    @Test func `R12 a connection that has lasted is no reason to wait, whatever came over it`() {
        let bench = Bench(Self.dongle)
        #expect(bench.fail("refused") == "refused")
        #expect(bench.pause == .milliseconds(250))
        #expect(bench.lose(after: .seconds(6), isUsed: false) == .zero)
        #expect(bench.lose(after: .seconds(1), isUsed: true) == .milliseconds(250))
        // The pauses of before are forgotten.
        #expect(bench.fail("refused") == "refused")
        #expect(bench.pause == .milliseconds(250))
    }

    @Test func `R12 a connection has lasted after more than five seconds`() {
        let bench = Bench(Self.dongle)
        #expect(bench.lose(after: .seconds(5), isUsed: false) == .milliseconds(250))
        #expect(bench.lose(after: .seconds(5), isUsed: false) == .milliseconds(500))
        #expect(bench.lose(after: .nanoseconds(5_000_000_001), isUsed: false) == .zero)
    }

    @Test func `R12 a dongle's server that closes behind each request is dialled a quarter of a second later`() {
        let bench = Bench(Self.dongle)
        let pauses = (0..<3).map { _ in bench.lose(after: .seconds(1), isUsed: true) }
        #expect(pauses == Self.milliseconds([250, 250, 250]))
    }

    @Test func `R12 use counts for the connection that it came over, and for no other`() {
        let bench = Bench(Self.line)
        bench.noteUse()
        #expect(bench.lose(after: .seconds(1), isUsed: false) == .milliseconds(250))
        #expect(bench.lose(after: .seconds(1), isUsed: true) == .zero)
        bench.noteUse()
        #expect(bench.lose(after: .seconds(1), isUsed: false) == .milliseconds(250))
    }

    @Test func `R12 a device that cannot be opened is tried less and less, and one that was open soon`() {
        let bench = Bench(.device)
        let pauses = (0..<7).map { _ in
            _ = bench.fail("no such file")
            return bench.pause
        }
        #expect(pauses == Self.milliseconds([250, 500, 1000, 2000, 4000, 5000, 5000]))
        #expect(bench.lose(after: .milliseconds(1), isUsed: false) == .milliseconds(250))
        // However long it was there: a node may be there before it can be opened.
        #expect(bench.lose(after: .seconds(3600), isUsed: true) == .milliseconds(250))
        #expect(bench.fail("no such file") == "no such file")
        #expect(bench.pause == .milliseconds(500))
    }

    @Test func `a reason is told once, another one too, and the first again after an opening`() {
        let bench = Bench(.device)
        let told = ["busy", "busy", "denied", "denied", "busy"].map { bench.fail($0) }
        #expect(told == ["busy", nil, "denied", nil, "busy"])
        #expect(bench.lose(after: .seconds(1), isUsed: false) != nil)
        #expect(bench.fail("busy") == "busy")
    }

    @Test func `nothing is opened before its time, twice, or while it is open`() {
        let bench = Bench(.device)
        #expect(bench.begin() == 1)
        #expect(bench.begin() == nil)
        #expect(bench.failed("busy") == "busy")
        bench.wait(.milliseconds(249))
        #expect(bench.begin() == nil)
        bench.wait(.milliseconds(1))
        #expect(bench.begin() == 2)
        #expect(bench.pause == nil)
        #expect(bench.opened())
        bench.wait(.seconds(60))
        #expect(bench.begin() == nil)
    }

    @Test func `what comes of an older opening is wanted by nobody`() {
        let bench = Bench(.device)
        #expect(bench.begin() == 1)
        #expect(!bench.lost(), "it was never open")
        #expect(bench.failed("busy") == "busy")
        #expect(!bench.opened(1))
        bench.wait(.seconds(1))
        #expect(bench.begin() == 2)
        #expect(!bench.isAwaiting(1) && bench.isAwaiting(2))
        #expect(!bench.opened(1))
        #expect(bench.failed("late", 1) == nil)
        #expect(bench.opened(2))
        #expect(!bench.lost(1))
        #expect(bench.lost(2))
        #expect(!bench.lost(2), "a loss is told once")
    }

    @Test(arguments: 0...2)
    func `when it is stopped nothing is opened or told any more`(phase: Int) {
        let bench = Bench(Self.line)
        #expect(bench.begin() == 1)
        if phase == 1 { #expect(bench.opened()) }
        if phase == 2 { #expect(bench.failed("busy") == "busy") }
        bench.stop()
        #expect(bench.isStopped && !bench.isAwaiting(1))
        #expect(bench.pause == nil)
        bench.wait(.seconds(60))
        #expect(bench.begin() == nil)
        #expect(!bench.opened())
        #expect(bench.failed("denied") == nil)
        #expect(!bench.lost())
        #expect(bench.trouble("refused") == nil)
        #expect(bench.pause == nil)
    }

    @Test func `trouble that is no loss is told once a minute, and is why it is lost`() {
        let bench = Bench(.device)
        #expect(bench.open())
        let start = bench.now
        let told = [0, 1, 59, 60, 61, 119, 120].map { second in
            bench.now = start + .seconds(second)
            return bench.trouble("refused") != nil
        }
        #expect(told == [true, false, false, true, false, false, true])
        #expect(bench.lastReason == "refused")
        #expect(bench.pause == nil)
        bench.wait(.seconds(1))
        #expect(bench.lost())
        #expect(bench.open())
        #expect(bench.lastReason == nil)
        #expect(bench.trouble("refused") == nil, "not in the same minute")
    }
}
