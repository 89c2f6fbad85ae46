import Broker
import Modbus
import Testing

/// Plans that follow each other while queries run.
@Suite struct SwitchboardTests {
    private let bench = SwitchboardBench()
    private let house: StubEnd

    init() {
        house = StubEnd("house", bench)
        bench.apply(house.planned())
    }

    private func path(line: Line? = nil, _ change: (inout AccessPolicy.Settings) -> Void = { _ in }) -> AccessPath {
        let path = bench.switchboard.makePath()
        var access = AccessPolicy.Settings()
        change(&access)
        bench.plan.paths.append(.init(path, access, to: line.map { .line($0) } ?? .allLines))
        bench.switchboard.apply(bench.plan)
        return path
    }

    @Test func `a query goes through the boxes in the order of the list`() {
        var boxes: [Switchboard.Box] = []
        let bench = SwitchboardBench { box, backend in
            Gate(backend) { boxes.append(box) }
        }
        bench.apply(StubEnd("house", bench).planned())
        bench.ask(.holding(0), unit: 1)
        #expect(boxes == Array(Switchboard.Box.allCases.dropFirst()))
    }

    @Test func `R10 a path that no plan names reaches no line, and reaches one from the plan on`() {
        let path = bench.switchboard.makePath()
        #expect(bench.ask(.holding(0), unit: 1, at: path).error == .unavailable)
        bench.plan.paths.append(.init(path, .init()))
        bench.switchboard.apply(bench.plan)
        bench.ask(.holding(0), unit: 1, at: path)
        #expect(house.submitted.count == 1)
        bench.plan.paths.removeLast()
        bench.switchboard.apply(bench.plan)
        #expect(bench.ask(.holding(0), unit: 1, at: path).error == .unavailable)
    }

    @Test func `a path of one line reaches its units by their own numbers, and no other line`() {
        let garage = StubEnd("garage", bench)
        bench.apply(garage.planned(units: [11: 1]), house.planned())
        let path = path(line: garage.line)
        bench.ask(.holding(0), unit: 1, at: path)
        bench.ask(.holding(1), unit: 11, at: path)
        #expect(garage.submitted.map(\.lineUnit) == [1, 11])
        bench.apply(house.planned())
        #expect(bench.ask(.holding(0), unit: 1, at: path).error == .unavailable)
    }

    @Test func `rights hold from the plan on; what was handed on before runs to its end`() {
        let path = path()
        let before = bench.ask(.write(0, 1), unit: 1, at: path)
        bench.plan.paths[1].access.isReadOnly = true
        bench.switchboard.apply(bench.plan)
        #expect(bench.ask(.write(0, 2), unit: 1, at: path).error == .refused(.illegalFunction))
        house.answer(.write(0, 1), unit: 1)
        #expect(before.reply?.pdu == .write(0, 1))
    }

    @Test func `R8 one limit holds for all paths of an address, and what waits goes where it was bound`() {
        let garage = StubEnd("garage", bench)
        bench.plan.rate = 1
        bench.apply(garage.planned(units: [11: 1]), house.planned())
        let path = path(line: garage.line)
        bench.ask(.holding(0), unit: 1)
        let waiting = [bench.ask(.holding(1), unit: 1, at: path), bench.ask(.holding(2), unit: 11)]
        #expect(garage.submitted.isEmpty)
        bench.apply(house.planned(units: [11: 7]), garage.planned(units: [1: 1]))
        bench.queries.run(.seconds(1))
        #expect(garage.submitted.map(\.pdu) == [.holding(1)])
        path.withdraw(waiting[0].query)
        bench.path.withdraw(waiting[1].query)
        #expect(garage.stub.withdrawn == [waiting[0].query.id])
        #expect(waiting[1].error == .withdrawn)
        #expect(house.submitted.count == 1)
    }

    @Test func `R8 another rate lets what waits go, by the new tables`() {
        bench.plan.rate = 1
        bench.apply(house.planned())
        let path = path()
        bench.ask(.holding(0), unit: 1)
        let waiting = bench.ask(.holding(1), unit: 1)
        var next: Asked?
        waiting.then = { [bench] _ in next = bench.ask(.write(0, 1), unit: 1, at: path) }
        bench.plan.rate = nil
        bench.plan.paths[1].access.isReadOnly = true
        bench.apply(house.planned())
        house.answer(.holding(1), unit: 1)
        #expect(waiting.reply != nil)
        #expect(next?.error == .refused(.illegalFunction))
    }

    @Test func `R15 an observer is told of refusals by listener, line and rate, and of the lines before`() {
        let journal = ReportJournal()
        bench.switchboard.reports.add(journal)
        bench.plan.rate = 1
        bench.plan.paths[0].access.isReadOnly = true
        bench.apply(house.planned())
        #expect(journal.lines == [["house"]])
        bench.ask(.write(0, 1), unit: 1)
        bench.ask(.holding(0), unit: 1)
        let late = bench.ask(.holding(1), unit: 1, within: .milliseconds(500))
        bench.queries.run(.seconds(1))
        #expect(late.error == .overloaded)
        #expect(bench.refused.map(\.refusal) == [.access(.readOnly), .rate])
        #expect(bench.refused.map(\.place) == ["listener", "clients.rate"])
        #expect(journal.reports.map(\.instant) == [.start, .start + .milliseconds(500)])
        #expect(journal.reports.allSatisfy { $0.line === house.line })
    }

    @Test func `R15 an observer that is added from within a report is told from the next one on`() {
        let (journal, adding) = (ReportJournal(), AddingObserver())
        adding.whenTold = { [bench] in bench.switchboard.reports.add(journal) }
        bench.switchboard.reports.add(adding)
        bench.plan.paths[0].access.isReadOnly = true
        bench.apply(house.planned())
        bench.ask(.write(0, 1), unit: 1)
        #expect(journal.reports.isEmpty)
        bench.ask(.write(0, 2), unit: 1)
        #expect(journal.reports.count == 1)
    }

    private final class AddingObserver: ReportObserver {
        var whenTold: (() -> Void)?

        func note(_ report: Report) { whenTold.take()?() }
    }

    @Test func `settings of a line reach its end once they differ`() {
        #expect(house.settings.isEmpty)
        var bus = BusSettings.usual
        bus.retries = 7
        bench.apply(house.planned { $0.bus = bus })
        bench.apply(house.planned { $0.bus = bus })
        #expect(house.settings == [bus])
    }

    @Test func `the rules and limits of a line hold for the next query, for units by their own numbers`() {
        bench.apply(
            house.planned(units: [11: 1]) {
                $0.readLimit = 45
                $0.reads.refused = [.init(.readInputRegisters, 0...100, unit: 1)]
            })
        #expect(bench.ask(.input(0), unit: 11).error == .refused(.illegalDataAddress))
        #expect(bench.refused.map(\.place) == ["line house"])
        #expect(bench.refused.first?.line === house.line)
        bench.ask(.holding(0, 50), unit: 11)
        #expect(house.submitted.map(\.pdu) == [.holding(0, 45)])
        let dongle = Client(kind: .dongle, name: "SHINE", address: "SHINE")
        bench.ask(.input(0), unit: 11, by: dongle)
        #expect(house.submitted.map(\.pdu) == [.holding(0, 45), .input(0)])
    }

    @Test func `a box in front of the end is exchanged, and the one that was there is stopped`() {
        let (first, second) = (StubBox(house.stub), StubBox(house.stub))
        bench.apply(house.planned { $0.box = first })
        bench.ask(.holding(0), unit: 1)
        bench.apply(house.planned { $0.box = second })
        #expect(first.isStopped)
        let asked = bench.ask(.holding(1), unit: 1)
        #expect([first.count, second.count] == [1, 1])
        bench.apply(house.planned())
        #expect(second.isStopped)
        bench.path.withdraw(asked.query)
        #expect(house.stub.withdrawn == [asked.query.id])
    }
}

/// Tells what goes through it.
private final class Gate: Backend {
    private let next: any Backend
    private let whenAsked: () -> Void

    init(_ next: any Backend, _ whenAsked: @escaping () -> Void) {
        self.next = next
        self.whenAsked = whenAsked
    }

    func submit(_ query: Query, for owner: any QueryOwner) {
        whenAsked()
        next.submit(query, for: owner)
    }

    func withdraw(_ query: Query) { next.withdraw(query) }
}

private final class StubBox: LineBox {
    private let next: any Backend
    private(set) var count = 0
    private(set) var isStopped = false

    init(_ next: any Backend) {
        self.next = next
    }

    func submit(_ query: Query, for owner: any QueryOwner) {
        count += 1
        next.submit(query, for: owner)
    }

    func withdraw(_ query: Query) { next.withdraw(query) }

    func stop() { isStopped = true }
}
