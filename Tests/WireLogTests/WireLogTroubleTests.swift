import Broker
import Dispatch
import Glibc
import Testing
import TestSupport
import Text

@testable import WireLog

@Suite("The wire log in trouble")
struct WireLogTroubleTests {
    private let reports = Collected<String>()
    private let time = StoppedClock()

    private func makeLog(_ output: sending any LogOutput) -> WireLog {
        WireLog(output: output, clock: time.clock, capacity: 8 << 20) { [reports] in reports.append($0)
        }
    }

    private func offer(_ numbers: ClosedRange<Int>, to log: WireLog) {
        for number in numbers { log.offer(numbered(number)) }
        #expect(log.flush())
    }

    private func values(_ path: String) throws -> [JSONValue?] {
        try contents(path).split(separator: "\n").map { try JSONValue.fields(String($0))["baud"] }
    }

    @Test("A full disk is told once, and once more when writing goes on; the log says how many lines are missing")
    func fullDisk() throws {
        let directory = try TemporaryDirectory()
        let path = directory["wire.jsonl"]
        #expect(symlink("/dev/full", path) == 0)
        let log = makeLog(LogFile(path: path, maximumSize: 0))
        offer(1...3, to: log)
        time.advance(by: .seconds(1))
        offer(4...5, to: log)
        #expect(reports.all == ["wire log \(path): cannot write: No space left on device; its lines are dropped"])
        #expect(log.lost == 5)

        #expect(unlink(path) == 0)
        offer(6...6, to: log)
        #expect(!fileExists(path), "tried again before its time")
        time.advance(by: .seconds(2))
        offer(7...8, to: log)
        let lines = try contents(path).split(separator: "\n").map { try JSONValue.fields(String($0)) }
        #expect(lines.first?["event"] == .text("log_write_failed"))
        #expect(lines.first?["lost"] == .number(6))
        #expect(lines.first?["reason"] == .text("cannot write: No space left on device"))
        #expect(lines.dropFirst().map { $0["baud"] } == [.number(7), .number(8)])
        #expect(reports.all.dropFirst() == ["wire log \(path): writing again, 6 lines lost"])
    }

    @Test("R15 a log directory that goes away while exchanges go on loses no line after it")
    func directoryRemoved() throws {
        let directory = try TemporaryDirectory()
        let path = directory["log/wire.jsonl"]
        let log = makeLog(LogFile(path: path, maximumSize: 0))
        offer(1...2, to: log)
        TemporaryDirectory.remove(directory["log"])
        offer(3...4, to: log)
        #expect(try values(path) == [.number(3), .number(4)])
        #expect(reports.all.isEmpty)
    }

    @Test("A directory that cannot be made yet is tried again")
    func unusableDirectory() throws {
        let directory = try TemporaryDirectory()
        try makeFile(directory["log"], "in the way")
        let path = directory["log/wire.jsonl"]
        let log = makeLog(LogFile(path: path, maximumSize: 0))
        #expect(log.flush())
        #expect(reports.all == ["wire log \(path): cannot open: Not a directory; its lines are dropped"])
        offer(1...2, to: log)
        TemporaryDirectory.remove(directory["log"])
        time.advance(by: .seconds(1))
        offer(3...3, to: log)
        #expect(try values(path) == [nil, .number(3)])
    }

    @Test("SIGHUP opens the file anew, and ends the wait after a failure")
    func reopening() throws {
        let directory = try TemporaryDirectory()
        let path = directory["wire.jsonl"]
        let log = makeLog(LogFile(path: path, maximumSize: 0))
        offer(1...1, to: log)
        #expect(rename(path, path + ".old") == 0)
        log.reopen()
        #expect(log.flush())
        #expect(try contents(path) == "")
        offer(2...2, to: log)
        #expect(try values(path + ".old") == [.number(1)])
        #expect(try values(path) == [.number(2)])

        #expect(unlink(path) == 0 && symlink("/dev/full", path) == 0)
        offer(3...4, to: log)
        #expect(unlink(path) == 0)
        log.reopen()
        offer(5...5, to: log)
        #expect(try values(path) == [nil, .number(5)])
        #expect(reports.all.last == "wire log \(path): writing again, 2 lines lost")
    }

    @Test("Standard output that nobody reads any more is told once and given up")
    func brokenPipe() throws {
        signal(SIGPIPE, SIG_IGN)
        let (reader, writer) = try pipeEnds()
        defer { close(writer) }
        let log = makeLog(LogStream(descriptor: writer))
        offer(1...1, to: log)
        close(reader)
        for number in 2...4 { offer(number...number, to: log) }
        #expect(reports.all == ["wire log standard output: cannot write: Broken pipe; its lines are dropped"])
        #expect(log.lost == 1)
        #expect(log.close())
    }

    @Test("Closing does not wait for ever for a pipe that nobody reads")
    func blockedPipe() throws {
        let (reader, writer) = try pipeEnds()
        defer { close(writer) }
        let log = makeLog(LogStream(descriptor: writer))
        for number in 1...2_000 { log.offer(numbered(number)) }
        #expect(!log.close(timeout: .milliseconds(1)))
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var count = 0
        while count < 2_000 {
            let length = read(reader, &buffer, buffer.count)
            try #require(length > 0)
            count += buffer[..<length].count { $0 == UInt8(ascii: "\n") }
        }
        #expect(log.flush())
        close(reader)
    }
}
