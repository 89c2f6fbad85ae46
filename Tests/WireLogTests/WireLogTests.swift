import Broker
import Dispatch
import FoundationEssentials
import Glibc
import Modbus
import Testing
import TestSupport
import Text

@testable import WireLog

@Suite("The wire log")
struct WireLogTests {
    private let reports = Collected<String>()
    private let time = StoppedClock()

    private func makeLog(_ destination: WireLogDestination, capacity: Int = 8 << 20) -> WireLog {
        WireLog(destination, clock: time.clock, capacity: capacity) { [reports] in reports.append($0) }
    }

    private func event(_ number: Int, from name: String = "SHINE") throws -> BrokerEvent {
        .request(
            try query(
                [0x03, 0, 0, 0, 1], from: Client(kind: .dongle, name: name, address: name), number: UInt64(number)))
    }

    /// An event with a number, to tell lines from each other.
    private func note(_ number: Int) -> BrokerEvent { numbered(number) }

    private func parse(_ text: String) throws -> [[String: JSONValue]] {
        #expect(text.isEmpty || text.hasSuffix("\n"))
        return try text.split(separator: "\n").map { try JSONValue.fields(String($0)) }
    }

    @Test("What is offered is in the file after a flush, and nothing after closing")
    func file() throws {
        let directory = try TemporaryDirectory()
        let path = directory["log/wire.jsonl"]
        let log = makeLog(.file(path: path, maximumSize: 0))
        #expect(log.flush())
        #expect(try contents(path) == "")
        log.offer(.request(try exampleQuery()))
        log.offer(note(1))
        #expect(log.flush())
        let lines = try parse(try contents(path))
        #expect(lines.map { $0["role"] } == [.text("REQ"), .text("SYS")])
        #expect(log.close())
        log.offer(note(2))
        #expect(log.flush())
        #expect(try parse(try contents(path)).count == 2)
        #expect(reports.all.isEmpty)
    }

    @Test("What is offered after a redirection is in the new file, however late the writer is")
    func redirection() throws {
        let directory = try TemporaryDirectory()
        let (first, second) = (directory["first.jsonl"], directory["second.jsonl"])
        let log = makeLog(.file(path: first, maximumSize: 0))
        let (isHanging, goOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let subscription = log.subscribe { _ in
            isHanging.signal()
            goOn.wait()
        }
        log.offer(note(1))
        isHanging.wait()
        log.offer(note(2))
        log.redirect(to: .file(path: second, maximumSize: 0))
        log.offer(note(3))
        for _ in 0..<3 { goOn.signal() }
        #expect(log.flush())
        #expect(try parse(try contents(first)).map { $0["baud"] } == [.number(1), .number(2)])
        #expect(try parse(try contents(second)).map { $0["baud"] } == [.number(3)])
        subscription.cancel()
        #expect(log.close())
    }

    @Test("A subscriber gets the bytes of the file until it cancels")
    func subscriber() throws {
        let directory = try TemporaryDirectory()
        let path = directory["wire.jsonl"]
        let log = makeLog(.file(path: path, maximumSize: 0))
        let heard = Collected<[UInt8]>()
        let subscription = log.subscribe { heard.append($0) }
        for number in 0..<1000 { log.offer(note(number)) }
        #expect(log.flush())
        let all = String(decoding: heard.all.joined(), as: UTF8.self)
        #expect(all == (try contents(path)))
        #expect(heard.all.allSatisfy { $0.last == UInt8(ascii: "\n") })
        subscription.cancel()
        log.offer(note(1000))
        #expect(log.flush())
        #expect(String(decoding: heard.all.joined(), as: UTF8.self) == all)
        #expect(try parse(try contents(path)).count == 1001)
    }

    @Test("Without file, lines are made only while somebody subscribes")
    func noDestination() throws {
        let log = makeLog(.none)
        let heard = Collected<[UInt8]>()
        log.offer(note(1))
        var subscription: WireLogSubscription? = log.subscribe { heard.append($0) }
        log.offer(note(2))
        #expect(log.flush())
        _ = subscription
        subscription = nil
        log.offer(note(3))
        #expect(log.flush())
        let lines = try parse(String(decoding: heard.all.joined(), as: UTF8.self))
        #expect(lines.map { $0["baud"] } == [.number(2)])
    }

    @Test("R15 while the writer hangs, offering goes on; the oldest are lost and counted where they are missing")
    func overflow() throws {
        let directory = try TemporaryDirectory()
        let path = directory["wire.jsonl"]
        let log = makeLog(.file(path: path, maximumSize: 0), capacity: 100_000)
        let (isHanging, goOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let subscription = log.subscribe { _ in
            isHanging.signal()
            goOn.wait()
        }
        log.offer(note(0))
        isHanging.wait()
        for number in 1...10_000 { log.offer(note(number)) }
        #expect(!log.flush(timeout: .zero))
        subscription.cancel()
        goOn.signal()
        #expect(log.flush(timeout: .seconds(30)))
        let lines = try parse(try contents(path))
        let (first, gap) = (try #require(lines.first), try #require(lines.dropFirst().first))
        let kept = lines.dropFirst(2).map { $0["baud"] }
        #expect(first["baud"] == .number(0))
        #expect(gap["role"] == .text("WARN"))
        #expect(gap["event"] == .text("log_overflow"))
        #expect(gap["lost"] == .number(Double(10_000 - kept.count)))
        #expect(kept == (10_001 - kept.count...10_000).map { .number(Double($0)) })
        #expect(log.lost == 10_000 - kept.count)
        #expect(!kept.isEmpty && kept.count < 1000)
    }

    @Test("Lines of four threads are whole, and each thread's are in order")
    func concurrency() throws {
        let directory = try TemporaryDirectory()
        let path = directory["wire.jsonl"]
        let log = makeLog(.file(path: path, maximumSize: 0), capacity: 1 << 30)
        let events = try (0..<4).map { thread in try event(thread, from: "thread \(thread)") }
        DispatchQueue.concurrentPerform(iterations: 4) { thread in
            for number in 0..<10_000 {
                if number % 2 == 0 {
                    log.offer(events[thread])
                } else {
                    log.offer(numbered(number, port: "\(thread)"))
                }
            }
        }
        #expect(log.close(timeout: .seconds(60)))
        let lines = try NumberedLine.parse(try contents(path))
        #expect(lines.count == 40_000)
        for thread in 0..<4 {
            let numbers = lines.filter { $0.port == "\(thread)" }.map(\.baud)
            #expect(numbers == stride(from: 1, to: 10_000, by: 2).map { $0 })
            #expect(lines.count { $0.from_client == "thread \(thread)" } == 5_000)
        }
    }
}

/// What the test of many lines looks at; a fixed layout takes a parser a tenth of the time.
private struct NumberedLine: Decodable {
    let from_client: String?
    let port: String?
    let baud: Int?

    static func parse(_ text: String) throws -> [NumberedLine] {
        let objects = text.split(separator: "\n").joined(separator: ",")
        return try JSONDecoder().decode([Self].self, from: Data("[\(objects)]".utf8))
    }
}
