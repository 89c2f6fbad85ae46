@testable import Broker
import Modbus
import Simulator
import Testing

/// A firmware update: the switchboard lends the line to its dongle.
@Suite struct SwitchboardPassthroughTests {
    private let bench = SwitchboardBench()
    private let house: BusEnd
    private let port = StubDonglePort()
    private let told = Told()

    private final class Told {
        var events: [BrokerEvent] = []

        var ends: [PassthroughEnd] {
            events.compactMap { if case .passthrough(.ended(let reason, _)) = $0 { reason } else { nil } }
        }
    }

    init() {
        house = BusEnd("house", bench)
        var access = AccessPolicy.Settings()
        access.forbiddenWrites = [31]
        bench.plan.paths.append(.init(bench.donglePath, access, to: .line(house.line)))
    }

    private func apply(_ port: StubDonglePort?, _ end: BusEnd? = nil) {
        let end = end ?? house
        var plan = SwitchboardPlan.Line(house.line, end: end, end.settings)
        plan.dongle = port.map { bench.dongle(at: $0) }
        bench.apply(plan)
    }

    private func make() throws -> Passthrough {
        try bench.switchboard.makePassthrough(on: house.line) { [told] in told.events.append($0) }
    }

    /// A passthrough that has joined both ports.
    private func joined() throws -> Passthrough {
        apply(port)
        bench.switchboard.open()
        let passthrough = try make()
        passthrough.start(for: .seconds(60))
        bench.queries.run(.seconds(5))
        return passthrough
    }

    private func refusal() -> Switchboard.PassthroughRefusal? {
        do throws(Switchboard.PassthroughRefusal) {
            _ = try bench.switchboard.makePassthrough(on: house.line) { _ in }
            return nil
        } catch {
            return error
        }
    }

    @Test func `the dongle and the line are joined byte by byte until it ends`() throws {
        let passthrough = try joined()
        #expect(bench.switchboard.passthrough(on: house.line) === passthrough)
        port.session?.received([1, 2, 3])
        house.bus.received([4, 5])
        #expect(house.transmitted == [1, 2, 3])
        #expect(port.sent == [4, 5])
        #expect(bench.ask(.holding(0), unit: 1).error == .lent)
        // Not within five minutes of a byte that is no polling.
        bench.queries.run(.seconds(301))
        #expect(told.ends == [.time])
        #expect(bench.switchboard.passthrough(on: house.line) == nil)
    }

    @Test func `it knows the registers of a firmware update from the dongle's path`() throws {
        let passthrough = try joined()
        port.session?.received(RTUFrame(unit: 1, pdu: .write(31, 1)).bytes)
        #expect(passthrough.isUpdating)
    }

    @Test func `what happens is reported as of its line, too`() throws {
        let journal = ReportJournal()
        bench.switchboard.reports.add(journal)
        _ = try joined()
        let begun = journal.reports.filter { if case .passthrough(.began) = $0.event { true } else { false } }
        #expect(begun.map { $0.line === house.line } == [true])
        #expect(told.events.count == 1)
    }

    @Test func `without a line, a bus or a dongle there is none`() {
        #expect(refusal() == .noLine)
        apply(nil)
        #expect(refusal() == .noDongle)
        let units = StubEnd("units", bench)
        bench.apply(units.planned { [bench, port] in $0.dongle = bench.dongle(at: port) })
        #expect(throws: Switchboard.PassthroughRefusal.noLine) {
            _ = try bench.switchboard.makePassthrough(on: units.line) { _ in }
        }
    }

    @Test func `a line with transactions, or one that hears itself, can carry no update`() {
        apply(port, BusEnd("house", bench, at: house.line) { $0.hasTransactions = true })
        #expect(refusal() == .hasTransactions)
        apply(port, BusEnd("house", bench, at: house.line) { $0.localEcho = true })
        #expect(refusal() == .hearsItself)
        apply(port)
        #expect(refusal() == nil)
    }

    @Test func `a plan that leaves both ports as they are leaves it on`() throws {
        _ = try joined()
        apply(port)
        port.session?.received([9])
        #expect(house.transmitted == [9])
        #expect(told.ends == [])
    }

    @Test(arguments: ["port", "end", "line"])
    func `a plan that takes one of both ports away ends it`(what: String) throws {
        _ = try joined()
        switch what {
        case "port": apply(StubDonglePort())
        case "end": apply(port, BusEnd("house", bench, at: house.line))
        default: bench.apply()
        }
        #expect(told.ends == [.stopping])
        #expect(bench.switchboard.passthrough(on: house.line) == nil)
        #expect(port.session?.isLent == false)
    }

    @Test func `it ends when the switchboard stops`() throws {
        _ = try joined()
        bench.switchboard.stop {}
        #expect(told.ends == [.stopping])
    }
}

/// A line's end with a bus on a scripted line.
private final class BusEnd: LineEnd {
    let line: Line
    let settings: BusSettings
    let bus: Bus
    private let script: ScriptedLine

    init(
        _ name: String, _ bench: SwitchboardBench, at line: Line? = nil,
        _ change: (inout BusSettings) -> Void = { _ in }
    ) {
        self.line = line ?? Line(name: name)
        var settings = BusSettings.usual
        settings.timing = LineTiming(baud: 10_000, bitsPerCharacter: 10)
        change(&settings)
        self.settings = settings
        let timeline = bench.queries.timeline
        script = ScriptedLine(timeline: timeline, timing: settings.timing)
        bus = Bus(settings: settings, timeline: timeline, link: script) { _ in }
        script.bus = bus
    }

    /// All that was sent.
    var transmitted: [UInt8] { script.transmissions.flatMap(\.bytes) }

    var backend: any Backend { bus }

    var lendable: Bus? { bus }

    func apply(_ settings: BusSettings) { bus.apply(settings) }

    func open(_ isReady: @escaping () -> Void) {
        bus.lineOpened()
        isReady()
    }

    func stop(_ done: @escaping () -> Void) { bus.stop(done) }

    func close(_ done: @escaping () -> Void) { done() }
}
