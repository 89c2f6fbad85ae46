import Broker
import Modbus
import NIOCore
import NIOEmbedded
import Testing

@testable import Transport

/// A dongle over a carrier in memory, whose requests the test answers.
private final class DongleLinkBench {
    let carrier: FakeCarrier
    let backend = PatientBackend()
    let link: DongleLink
    let session: SerialClientSession
    /// As the carrier asks for it.
    let isLent: () -> Bool
    private let log = Log()

    private final class Log {
        var told: [String] = []
        var isLent: () -> Bool = { false }
    }

    init(isServer: Bool) {
        let (carrier, log) = (FakeCarrier(.stream, isServer: isServer), log)
        self.carrier = carrier
        var settings = ClientSettings.patient
        if isServer { settings.serialTiming = .rtuOverTCP }
        let link = DongleLink(
            report: { event in
                if let text = event.text { log.told.append(text) }
                if case .said(let bytes) = event { log.told.append("said: \(bytes.count)") }
            },
            over: {
                log.isLent = $0
                return carrier
            })
        isLent = log.isLent
        self.link = link
        session = SerialClientSession(
            client: Client(kind: .dongle, name: "SHINE", address: "SHINE"), path: backend, settings: settings,
            timeline: EventLoopTimeline(EmbeddedEventLoop()), observe: { _ in }, send: { [weak link] in link?.send($0) }
        )
        link.open(for: session)
        carrier.report(.opened())
    }

    var told: [String] { log.told }
    /// What was done with the carrier since it was opened.
    var calls: [String] { Array(carrier.calls.dropFirst()) }
}

/// A dongle's port, whatever moves its bytes.
@Suite struct DongleLinkTests {
    private static let noise = [UInt8](repeating: 0xFF, count: StreamNoise.most - 1)

    @Test func `what a server says is told until its dongle asks, and again from its next connection on`() {
        let bench = DongleLinkBench(isServer: true)
        for _ in 1...2 {
            bench.carrier.receive([0xFF, 0xFF])
            bench.carrier.receive([0xFF])
            bench.carrier.receive(Sample.rtu(1))
            bench.carrier.receive([0xFF])
            bench.carrier.report(.lost(reason: "gone"))
            bench.carrier.report(.opened())
        }
        #expect(
            bench.told == ["opened"] + [
                "said: 2", "said: 3", "lost: gone", "opened", "said: 2", "said: 3", "lost: gone", "opened",
            ])
    }

    @Test func `a server whose dongle has asked is worth dialling again soon`() {
        let bench = DongleLinkBench(isServer: true)
        bench.carrier.receive([0xFF])
        #expect(bench.calls == [])
        bench.carrier.receive(Sample.rtu(1))
        #expect(bench.calls == ["used"])
    }

    @Test func `a connection is closed that has carried 16,384 bytes since the last request and is still none`() {
        let bench = DongleLinkBench(isServer: true)
        bench.carrier.receive(Self.noise)
        bench.carrier.receive(Sample.rtu(1))
        bench.carrier.receive(Self.noise)
        #expect(bench.told.last == "opened" || bench.told.last?.hasPrefix("said") == true)
        // The last byte of each piece may still begin a request.
        bench.carrier.receive([0xFF, 0xFF, 0xFF])
        #expect(bench.told.last == "lost: \(StreamNoise.reason)")
        bench.carrier.report(.opened())
        bench.carrier.receive([0xFF])
        #expect(bench.calls.count { $0.hasPrefix("close") } == 1, "the next connection begins anew")
    }

    @Test func `on a serial port noise is no reason to close, and nothing of it is told`() {
        let bench = DongleLinkBench(isServer: false)
        bench.carrier.receive(Self.noise)
        bench.carrier.receive(Self.noise)
        #expect(bench.calls == [])
        #expect(bench.told == ["opened"])
        bench.carrier.receive(Sample.rtu(1))
        #expect(bench.backend.waiting.count == 1)
    }

    @Test(arguments: [false, true])
    func `nobody is answered behind a loss`(isServer: Bool) throws {
        let bench = DongleLinkBench(isServer: isServer)
        bench.carrier.receive(Sample.rtu(1))
        bench.carrier.report(.lost(reason: "gone"))
        bench.carrier.report(.opened())
        try bench.backend.answerOldest()
        #expect(bench.carrier.written == [])
        bench.carrier.receive(Sample.rtu(2))
        try bench.backend.answerOldest()
        #expect(bench.carrier.written == [Sample.rtuReply(2)])
    }

    @Test(arguments: [false, true])
    func `a port that is closed for good drops what its dongle has asked`(isServer: Bool) throws {
        let bench = DongleLinkBench(isServer: isServer)
        bench.carrier.receive(Sample.rtu(1))
        bench.link.close {}
        #expect(bench.calls.last == "stop")
        #expect(bench.backend.withdrawn.count == 1)
        try bench.backend.answerOldest()
        #expect(bench.carrier.written == [])
    }

    @Test func `its carrier can ask whether it is lent`() {
        let bench = DongleLinkBench(isServer: true)
        #expect(!bench.isLent())
        bench.session.lend { _ in }
        #expect(bench.isLent())
        bench.session.takeBack()
        #expect(!bench.isLent())
    }
}
