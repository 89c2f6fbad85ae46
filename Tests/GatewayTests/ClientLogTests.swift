import Broker
import NIOCore
import NIOEmbedded
import Testing
import Transport

@testable import Gateway

/// Clients that come and go, and the time that passes for their log.
private final class ClientLogBench {
    private let told = Told()
    let loop = EmbeddedEventLoop()
    private let log: ClientLog

    init() { log = ClientLog(loop: loop, logger: told.logger) }

    /// One that dials anew for each request.
    func visit(_ times: Int, from host: String = "10.0.0.7") {
        for port in 0..<times {
            let client = Client(kind: .tcp, name: "TCP:\(host):\(1000 + port)", address: host)
            let stay = ClientEvent.Stay(length: .milliseconds(300), requests: 1, reason: "closed by the client")
            log.note(.came(client), at: "0.0.0.0:5020")
            log.note(.left(client, stay), at: "0.0.0.0:5020")
        }
    }

    func newLines() -> [String] { told.newLines() }

    func stop() { log.stop() }
}

@Suite struct ClientLogTests {
    private let last = "TCP:10.0.0.7:1999 has left 0.0.0.0:5020 after 0.3 s, with 1 request: closed by the client"

    @Test func `who comes and who goes is told at once, with its requests and the reason`() {
        let bench = ClientLogBench()
        bench.visit(1)
        #expect(
            bench.newLines() == [
                "TCP:10.0.0.7:1000 has come in at 0.0.0.0:5020",
                "TCP:10.0.0.7:1000 has left 0.0.0.0:5020 after 0.3 s, with 1 request: closed by the client",
            ])
    }

    @Test func `of who dials anew for each request a few lines are told, and then one a minute`() {
        let bench = ClientLogBench()
        bench.visit(1000)
        #expect(bench.newLines().count == ClientLog.mostAtOnce)
        bench.loop.advanceTime(by: .seconds(60))
        #expect(
            bench.newLines() == ["clients of 10.0.0.7 came or left 1,994 more times within a minute (last: \(last))"])
        bench.visit(1000)
        bench.loop.advanceTime(by: .seconds(60))
        #expect(
            bench.newLines() == ["clients of 10.0.0.7 came or left 2,000 more times within a minute (last: \(last))"])
    }

    @Test func `after a quiet minute it is told at once again`() {
        let bench = ClientLogBench()
        bench.visit(1000)
        bench.loop.advanceTime(by: .seconds(60))
        bench.loop.advanceTime(by: .seconds(60))
        _ = bench.newLines()
        bench.visit(1)
        #expect(bench.newLines().count == 2)
    }

    @Test func `one address does not hide another`() {
        let bench = ClientLogBench()
        bench.visit(1000)
        _ = bench.newLines()
        bench.visit(1, from: "10.0.0.8")
        #expect(bench.newLines().map { $0.prefix(12) } == ["TCP:10.0.0.8", "TCP:10.0.0.8"])
    }

    @Test func `many addresses are bounded together`() {
        let bench = ClientLogBench()
        for host in 0..<1000 { bench.visit(1, from: "10.0.\(host / 256).\(host % 256)") }
        #expect(bench.newLines().count == 2 * 64 + ClientLog.mostAtOnce)
        bench.loop.advanceTime(by: .seconds(60))
        #expect(bench.newLines().map { $0.prefix(26) } == ["clients of other addresses"])
    }

    @Test func `what is still to be told is told at the end`() {
        let bench = ClientLogBench()
        bench.visit(4)
        _ = bench.newLines()
        bench.stop()
        #expect(bench.newLines().count == 1)
        bench.stop()
        #expect(bench.newLines() == [])
    }
}
