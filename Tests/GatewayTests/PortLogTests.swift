import Endpoints
import NIOCore
import NIOEmbedded
import Testing
import Transport

@testable import Gateway

/// The lines that a port log has told, and the time that passes for it.
private final class PortLogBench {
    private let told = Told()
    let loop = EmbeddedEventLoop()
    private var log: PortLog?

    init() {
        let port = Port.server(.modbusTCP(HostPort(host: "h", port: 502)))
        log = PortLog(of: "inverter", port, loop: loop, logger: told.logger)
    }

    func note(_ event: CarrierEvent) { log?.note(event) }

    func flap(_ times: Int) {
        for _ in 0..<times {
            note(.lost(reason: "closed by the server"))
            note(.opened(notes: []))
        }
    }

    func stop() { log?.stop() }

    func newLines() -> [String] { told.newLines() }
}

@Suite struct PortLogTests {
    private static let lost = "inverter: tcp://h:502 is gone (closed by the server); trying again"
    private static let opened = "inverter: tcp://h:502 is connected"

    @Test func `a loss and a return are told at once, and so are a few more`() {
        let bench = PortLogBench()
        bench.note(.opened(notes: []))
        bench.flap(PortLog.mostAtOnce)
        let both = [Self.lost, Self.opened]
        #expect(bench.newLines() == [Self.opened] + Array(repeating: both, count: PortLog.mostAtOnce).flatMap(\.self))
    }

    @Test func `further losses within a minute are counted, and told once a minute for as long as it goes on`() {
        let bench = PortLogBench()
        bench.flap(PortLog.mostAtOnce)
        _ = bench.newLines()
        bench.flap(1000)
        #expect(bench.newLines() == [])
        bench.loop.advanceTime(by: .seconds(60))
        let summary = "inverter: tcp://h:502 was gone 1000 more times within a minute (last: closed by the server)"
        #expect(bench.newLines() == [summary])
        bench.flap(1000)
        bench.loop.advanceTime(by: .seconds(60))
        #expect(bench.newLines() == [summary])
    }

    @Test func `connections that take the place of older ones are told, and counted, as losses are`() {
        let bench = PortLogBench()
        let replaced = CarrierEvent.replaced(reason: "closed by the server")
        for _ in 0..<PortLog.mostAtOnce { bench.note(replaced) }
        let told = "inverter: a newer connection to tcp://h:502 has taken the place of the older (closed by the server)"
        #expect(bench.newLines() == Array(repeating: told, count: PortLog.mostAtOnce))
        bench.note(replaced)
        bench.flap(1)
        #expect(bench.newLines() == [])
        bench.loop.advanceTime(by: .seconds(60))
        #expect(
            bench.newLines() == [
                "inverter: tcp://h:502 was gone 2 more times within a minute (last: closed by the server)"
            ])
    }

    @Test func `after a minute without a loss one is told at once again`() {
        let bench = PortLogBench()
        bench.flap(1000)
        bench.loop.advanceTime(by: .seconds(60))
        bench.loop.advanceTime(by: .seconds(60))
        _ = bench.newLines()
        bench.flap(1)
        #expect(bench.newLines() == [Self.lost, Self.opened])
    }

    @Test func `a port that stays away is told by the count, and so is its return then`() {
        let bench = PortLogBench()
        bench.flap(PortLog.mostAtOnce)
        bench.note(.lost(reason: "closed by the server"))
        bench.note(.notOpened(reason: "Connection refused"))
        _ = bench.newLines()
        bench.loop.advanceTime(by: .seconds(60))
        #expect(
            bench.newLines() == [
                "inverter: tcp://h:502 was gone 2 more times within a minute (last: Connection refused)"
            ])
        bench.note(.opened(notes: []))
        #expect(bench.newLines() == [Self.opened])
    }

    @Test func `what is still to be told is told at the end`() {
        let bench = PortLogBench()
        bench.flap(PortLog.mostAtOnce + 3)
        _ = bench.newLines()
        bench.stop()
        #expect(
            bench.newLines() == [
                "inverter: tcp://h:502 was gone 3 more times within a minute (last: closed by the server)"
            ]
        )
    }
}
