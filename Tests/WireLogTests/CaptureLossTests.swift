import Broker
import Dispatch
import Glibc
import Testing
import TestSupport

@testable import WireLog

/// A capture has no words for what is missing: the operator is told.
struct CaptureLossTests {
    private let reports = Collected<String>()
    private let time = StoppedClock()

    private func makeCapture(_ path: String, format: LogFormat = .capture, capacity: Int = 8 << 20) -> WireLog {
        WireLog(
            .file(path: path, maximumSize: 0), format: format, clock: time.clock, capacity: capacity
        ) { [reports] in reports.append($0) }
    }

    private func offer(_ count: Int, to log: WireLog) throws {
        let event = BrokerEvent.finished(
            exchange(try exampleQuery(), .success(try frame([3, 4, 0, 1, 0, 2]))), .delivered)
        for _ in 0..<count { log.offer(event) }
    }

    @Test func `a capture tells at its end how many lines it has, once`() throws {
        let directory = try TemporaryDirectory()
        let path = directory["session.jsonl"]
        let log = makeCapture(path)
        try offer(5, to: log)
        #expect(log.close() && log.close())
        #expect(reports.all == ["capture \(path): 5 lines written"])
    }

    @Test func `a wire log that is whole tells nothing at its end`() throws {
        let directory = try TemporaryDirectory()
        let log = makeCapture(directory["wire.jsonl"], format: .wireLog)
        try offer(5, to: log)
        #expect(log.close())
        #expect(reports.all.isEmpty)
    }

    @Test(arguments: [("capture", LogFormat.capture), ("wire log", .wireLog)])
    func `what a full disk costs is told at the end, also if it is full to the end`(
        _ name: String, _ format: LogFormat
    ) throws {
        let directory = try TemporaryDirectory()
        let path = directory["session.jsonl"]
        #expect(symlink("/dev/full", path) == 0)
        let log = makeCapture(path, format: format)
        try offer(3, to: log)
        #expect(log.flush())
        time.advance(by: .seconds(1))
        try offer(2, to: log)
        #expect(log.close())
        #expect(
            reports.all == [
                "\(name) \(path): cannot write: No space left on device; its lines are dropped",
                "\(name) \(path): 0 lines written, 5 lost",
            ])
    }

    @Test func `what comes faster than it can be written is told when it begins, and counted at the end`() throws {
        let directory = try TemporaryDirectory()
        let path = directory["session.jsonl"]
        let log = makeCapture(path, capacity: 100_000)
        let (isHanging, goOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let subscription = log.subscribe { _ in
            isHanging.signal()
            goOn.wait()
        }
        try offer(1, to: log)
        isHanging.wait()
        try offer(10_000, to: log)
        subscription.cancel()
        goOn.signal()
        #expect(log.close(timeout: .seconds(30)))
        let written = try contents(path).split(separator: "\n").count
        #expect(written > 1 && written < 10_000)
        #expect(
            reports.all == [
                "capture \(path): more comes than can be written; lines are lost",
                "capture \(path): \(written) lines written, \(10_001 - written) lost",
            ])
    }
}
