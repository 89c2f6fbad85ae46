import Broker
import Modbus
import Testing

/// R5 at a virtual port: who has it open, and whose the bytes are that were written to it.
@Suite struct PortProgramsTests {
    private static let another = "another program has opened the port"

    private let bench = ProgramBench()

    private var port: ScriptedPort { bench.port }

    /// The first program has opened the port.
    private func open() {
        bench.happen(.opened)
        bench.settleOnce()
        #expect(bench.programs.isOpen)
    }

    @Test func `a program that opens, and asks, hears the answer`() {
        bench.happen(.opened, writing: .holding(0))
        #expect(bench.submitted.isEmpty)
        bench.settleOnce()
        #expect(bench.submitted == [.holding(0)])
        bench.backend.answer(.holding(0))
        #expect(bench.heard.isEmpty)
        bench.settleOnce()
        #expect(bench.heard == [.values(0x1234, to: .holding(0))])
        #expect(bench.visits == 1)
        #expect(!bench.settleOnce())
    }

    @Test func `that something was written wakes nobody, for the bytes tell it`() {
        open()
        bench.happen(.written)
        #expect(!bench.settleOnce())
    }

    @Test func `an open drops the answer that waits, and what the program before has left is undone`() {
        open()
        bench.happen(writing: .holding(0))
        bench.settleOnce()
        bench.backend.answer(.holding(0))
        bench.happen(.closed, .opened)
        bench.settleOnce()
        #expect(bench.heard.isEmpty)
        #expect(bench.visits == 2)
        #expect(bench.reasons == [Self.another])
        #expect(port.calls.suffix(2) == [.restored, .discarded])
    }

    @Test func `an open drops the answers of before, and not the one to what is asked behind it`() {
        let bench = ProgramBench(answersAtOnce: true)
        bench.happen(.opened, .written, .closed, .opened, .written, writing: .holding(0), .holding(1))
        bench.settleOnce()
        #expect(bench.heard == [.values(0x1234, to: .holding(1))])
        #expect(bench.visits == 2)
    }

    @Test func `a close is seen to after the bytes that came before it`() {
        open()
        port.isOpen = false
        bench.happen(.written, .closed, writing: .write(0, 1))
        bench.settleOnce()
        #expect(bench.submitted == [.write(0, 1)])
        #expect(!bench.programs.isOpen)
        #expect(bench.reasons == ["it has closed the port"])
        bench.backend.answer(.write(0, 1))
        bench.settleOnce()
        #expect(bench.heard.isEmpty)
    }

    @Test func `an answer is not written before it is known that the program is still there`() {
        open()
        bench.happen(writing: .holding(0))
        bench.settleOnce()
        bench.backend.answer(.holding(0))
        port.events = [[.closed]]
        port.isOpen = false
        bench.settleOnce()
        #expect(bench.heard.isEmpty)
        #expect(!bench.programs.isOpen)
    }

    @Test func `an answer is not written behind a newer request`() {
        open()
        bench.happen(writing: .holding(0))
        bench.settleOnce()
        bench.backend.answer(.holding(0))
        port.bytes = [RTUFrame(unit: 1, pdu: .holding(1)).bytes]
        bench.settleOnce()
        #expect(bench.submitted == [.holding(0), .holding(1)])
        #expect(bench.heard.isEmpty)
        bench.backend.answer(.holding(1))
        bench.settleOnce()
        #expect(bench.heard == [.values(0x1234, to: .holding(1))])
    }

    @Test func `no two queries of programs that come in turn have the same number`() {
        for address in 0..<3 as Range<UInt16> {
            bench.happen(.closed, .opened, writing: .holding(address))
            bench.settleOnce()
        }
        #expect(bench.submitted == [.holding(0), .holding(1), .holding(2)])
        #expect(Set(bench.backend.submitted.map(\.id)).count == 3)
    }

    @Test func `a port that is closed ends the visit, and hears nothing any more`() {
        open()
        bench.happen(writing: .holding(0))
        bench.programs.close()
        #expect(!bench.programs.isOpen)
        #expect(bench.reasons == ["the port is closed"])
        bench.settleOnce()
        #expect(bench.submitted.isEmpty)
    }
}

// MARK: Whose the bytes are

extension PortProgramsTests {
    @Test func `a read of a program that has gone is asked again for the next one, when that is told to have written`()
    {
        open()
        bench.happen(.written, .closed, .opened, writing: .holding(0))
        bench.settleOnce()
        #expect(bench.submitted == [.holding(0)])
        #expect(bench.backend.withdrawn.count == 1)
        bench.happen(.written)
        bench.settleOnce()
        #expect(bench.submitted == [.holding(0), .holding(0)])
        bench.backend.answer(.holding(0))
        bench.backend.answer(.holding(0))
        bench.settleOnce()
        #expect(bench.heard == [.values(0x1234, to: .holding(0))])
    }

    @Test func `a read of a program that has gone is not asked again if the next one writes something else`() {
        open()
        bench.happen(.written, .closed, .opened, writing: .holding(0))
        bench.settleOnce()
        bench.happen(.written, writing: .holding(1))
        bench.settleOnce()
        bench.happen(.written)
        bench.settleOnce()
        #expect(bench.submitted == [.holding(0), .holding(1)])
    }

    @Test func `a write of a program that has gone is sent once`() {
        open()
        bench.happen(.written, .closed, .opened, writing: .write(0, 1))
        bench.settleOnce()
        bench.happen(.written)
        bench.settleOnce()
        #expect(bench.submitted == [.write(0, 1)])
        bench.backend.answer(.write(0, 1))
        bench.settleOnce()
        #expect(bench.heard.isEmpty)
    }

    @Test func `of what two programs have written the request at the end is the newest one's`() {
        bench.happen(.opened)
        // They come while it is looked for bytes.
        port.bytes = [.holding(0), .holding(1)].map { RTUFrame(unit: 1, pdu: $0).bytes }
        port.events = [[], [.written, .closed, .opened, .written]]
        bench.settleOnce()
        #expect(bench.submitted == [.holding(0), .holding(1)])
        #expect(bench.visits == 2)
        bench.backend.answer(.holding(0), value: 0)
        bench.backend.answer(.holding(1))
        bench.settleOnce()
        #expect(bench.heard == [.values(0x1234, to: .holding(1))])
    }

    @Test func `bytes of a program whose open was not seen begin a session, which lasts for as long as it is there`() {
        bench.happen(writing: .holding(0))
        bench.settleOnce()
        #expect(bench.submitted == [.holding(0)])
        #expect(bench.programs.isOpen)
        #expect(port.calls.first == .asked)
    }

    @Test func `bytes of a program that has gone unseen are asked, and answered to nobody`() {
        port.isOpen = false
        bench.happen(writing: .write(0, 1))
        bench.settleOnce()
        #expect(bench.submitted == [.write(0, 1)])
        #expect(!bench.programs.isOpen)
        bench.backend.answer(.write(0, 1))
        bench.settleOnce()
        #expect(bench.heard.isEmpty)
    }
}

// MARK: Who is there

extension PortProgramsTests {
    @Test func `several programs that have it open have one session, which ends when the last one has closed it`() {
        bench.happen(.opened, .opened)
        bench.settleOnce()
        bench.happen(.closed)
        bench.settleOnce()
        #expect(bench.programs.isOpen)
        #expect(bench.reasons.isEmpty)
        port.isOpen = false
        bench.happen(.closed)
        bench.settleOnce()
        #expect(!bench.programs.isOpen)
        #expect(bench.visits == 1)
    }

    @Test func `a program that is found where all were seen to close it is another one`() {
        open()
        bench.happen(.closed)
        bench.settleOnce()
        #expect(bench.programs.isOpen)
        #expect(bench.visits == 2)
        #expect(bench.reasons == [Self.another])
    }

    @Test func `events that were dropped are made up for by asking`() {
        open()
        port.isOpen = false
        bench.happen(.lost)
        bench.settleOnce()
        #expect(!bench.programs.isOpen)
    }

    @Test func `what is written while it is asked who is there is asked as well`() {
        bench.happen(.opened, .closed)
        port.findings = [.success(.init(true, since: [.written], writing: .holding(0)))]
        bench.settleOnce()
        #expect(bench.submitted == [.holding(0)])
    }

    @Test func `programs that close it again and again while it is asked are seen to in turns`() {
        bench.happen(.opened, .closed)
        port.findings = Array(repeating: .success(.init(true, since: [.closed])), count: 9)
        port.isOpen = false
        bench.settleOnce()
        #expect(port.calls.filter { $0 == .asked }.count == 8)
        bench.settleOnce()
        #expect(port.calls.filter { $0 == .asked }.count == 10)
        #expect(!bench.programs.isOpen)
        #expect(!bench.settleOnce())
    }

    @Test func `programs that write without end while it is looked for bytes are seen to in turns`() {
        open()
        bench.happen(writing: .holding(0))
        bench.settleOnce()
        bench.backend.answer(.holding(0))
        port.events = Array(repeating: [.written], count: 20)
        bench.settleOnce()
        #expect(port.events.count == 11)
        #expect(bench.heard.count == 1)
    }

    @Test func `a port of which nobody can be seen to open it counts as open`() {
        bench.programs.beginBlind(PortBlindness(reason: "no inotify is left"))
        #expect(bench.programs.isOpen)
        #expect(
            bench.reports == [
                "/run/inverter: counts as open always, for it cannot be seen who opens and closes it: no inotify is left"
            ])
        bench.happen(writing: .holding(0))
        bench.settleOnce()
        bench.backend.answer(.holding(0))
        bench.settleOnce()
        #expect(bench.heard == [.values(0x1234, to: .holding(0))])
        #expect(!port.calls.contains(.asked))
        #expect(bench.visits == 1)
    }

    @Test func `a port of which nobody can be seen to open it any more counts as open`() {
        open()
        port.findings = [.failure(PortBlindness(reason: "it is gone"))]
        bench.happen(.closed)
        bench.settleOnce()
        #expect(bench.programs.isOpen)
        #expect(bench.reports.count == 1)
    }
}
