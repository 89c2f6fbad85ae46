import FoundationEssentials
import Simulation
import Testing

/// The recording of a real dongle and Home Assistant. It is no part of the project: these tests are skipped without it.
@Suite(.enabled(if: Recording.isPresent, "no recording at \(Recording.path); GROWATT_BROKER_DATA names its folder"))
struct CaptureTests {
    @Test func `R9 at most 5 % of the distinct requests stay unanswered`() throws {
        let report = try Recording.replay()
        #expect(report.dongle.requests > 700 && report.tcp.requests > 200)
        #expect(report.unansweredShare <= 0.05, "\(report.dongle), \(report.tcp)")
    }

    @Test func `R5 R9 every write is executed exactly once`() throws {
        let report = try Recording.replay()
        #expect(report.writes == 28)
        #expect(report.wrongWrites.isEmpty)
    }

    @Test func `R5 no repetition is executed beside its request`() throws {
        let report = try Recording.replay()
        #expect(report.repeatsJoined > 0)
        #expect(report.repeatsExecuted == 0)
    }

    @Test func `R1 R4 R5 only answers to the newest request are forwarded`() throws {
        let report = try Recording.replay()
        #expect(report.collisions == 0)
        #expect(report.staleReplies.isEmpty)
    }

    @Test func `R6 no glued request is lost, and none is invented`() throws {
        let report = try Recording.replay()
        #expect(report.sentByDongle.count > 819)
        #expect(report.foundByBroker == report.sentByDongle)
    }

    @Test(arguments: [0.25, 0.5, 2])
    func `the rules hold at another speed of everything`(scale: Double) throws {
        let report = try Recording.replay(scale: scale)
        #expect(report.unansweredShare <= 0.05, "\(report.dongle), \(report.tcp)")
        #expect(report.wrongWrites.isEmpty && report.repeatsExecuted == 0)
        #expect(report.staleReplies.isEmpty && report.collisions == 0)
        #expect(report.foundByBroker == report.sentByDongle)
    }

    @Test func `R4 R5 R9 a line too slow for its clients breaks no rule`() throws {
        let report = try Recording.replay(scale: 2, clientScale: 1)
        #expect(report.wrongWrites.isEmpty && report.repeatsExecuted == 0)
        #expect(report.staleReplies.isEmpty && report.collisions == 0)
        #expect(report.foundByBroker == report.sentByDongle)
    }

    @Test func `R6 the second opinion finds glued requests, and those behind noise`() {
        let glued: [UInt8] = [1, 4, 0x0C, 0xB2, 0, 0x7D, 0x93, 0x5C, 1, 0x20, 0, 0, 0, 0x64, 0x81, 0xE6]
        #expect(GluedRequests.all(in: glued) == [Array(glued.prefix(8)), Array(glued.suffix(8))])
        #expect(GluedRequests.all(in: [0x0D, 0x0A, 0x20] + glued).count == 2)
        #expect(GluedRequests.all(in: Array(glued.dropFirst())) == [Array(glued.suffix(8))])
    }
}

private enum Recording {
    /// Beside the checkout, unless the environment says otherwise.
    static let path: String = {
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let beside = package.deletingLastPathComponent().appending(path: "shared/data").path
        let folder = ProcessInfo.processInfo.environment["GROWATT_BROKER_DATA"] ?? beside
        return folder + "/shine-and-home-assistant-115200.jsonl"
    }()
    static let isPresent = FileManager.default.isReadableFile(atPath: path)

    static func replay(scale: Double = 1, clientScale: Double? = nil) throws -> CaptureScenario.Report {
        var scenario = CaptureScenario(try CaptureLog(path: path))
        scenario.scale = scale
        scenario.clientScale = clientScale
        return scenario.run()
    }
}
