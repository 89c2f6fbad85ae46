import Broker
import Modbus
import Testing
import Text

@testable import WireLog

/// The one table of names: whatever is written stands in it, and readers find what they look for.
@Suite struct VocabularyTests {
    private typealias Members = [Text.JSONValue.Member]

    private static func members(_ bytes: [UInt8]) throws -> [Members] {
        try bytes.split(separator: UInt8(ascii: "\n")).map { line in
            try #require(try Text.JSONReader.value(of: Array(line)).members)
        }
    }

    private static func end(
        _ pdu: [UInt8], _ result: Result<RTUFrame, BrokerError>, source: Exchange.Source = .bus
    ) throws -> BrokerEvent {
        .finished(exchange(try query(pdu), result, source: source), .delivered)
    }

    /// Ends of exchanges of every kind.
    private static func ends() throws -> [BrokerEvent] {
        let read: [UInt8] = [3, 0, 43, 0, 1]
        return [
            try end(read, .success(try frame([3, 2, 0, 7]))),
            try end([4, 0, 0, 0, 1], .success(try frame([4, 2, 0, 7]))),
            try end([4, 0, 0, 0, 1], .success(try frame([0x84, 2]))), try end(read, .failure(.noReply)),
            try end([6, 0, 1, 0, 2], .success(try frame([6, 0, 1, 0, 2]))),
            try end([0x10, 0, 1, 0, 1, 2, 0, 9], .success(try frame([0x10, 0, 1, 0, 1]))),
            try end([0x41, 1], .success(try frame([0x41, 2]))),
            try end(read, .failure(.refused(.illegalFunction)), source: .broker),
            .finished(.failed(try query(read), .expired, at: .start), .delivered),
            .finished(.failed(try query(read), .overloaded, at: .start), .delivered),
            .finished(exchange(try query(read), .success(try frame([3, 2, 0, 7]))), .superseded),
            .finished(exchange(try query(read), .success(try frame([3, 2, 0, 7]))), .suppressed),
        ]
    }

    /// Events of every other kind.
    private static func others() throws -> [BrokerEvent] {
        let (query, frame) = (try exampleQuery(), try frame([3, 0, 43, 0, 1]))
        let reasons: [BrokerEvent.TransmissionReason] = [.retry, .echoProbe, .part, .probe]
        return [
            .request(query),
            .attemptFailed(query, attempt: 1, timeout: .seconds(1), isDamaged: false),
            .attemptFailed(query, attempt: 1, timeout: .seconds(1), isDamaged: true),
            .discarded([1], from: .line, reason: .foreign), .discarded([1], from: .client(shine), reason: .noise),
            .line(.opened), .line(.closed(reason: "x")), .line(.unitSilent(1)), .line(.unitLive(1)),
            .line(.echoDetected), .passthrough(.began(shine, duration: .seconds(60))),
            .passthrough(.bytes([1], from: .line)), .passthrough(.endPutOff),
            .passthrough(.ended(.time, PassthroughFigures())),
            .donglePort(.init(port: "p", baud: 9600, format: "8N1", isOpen: true)),
            .donglePort(.init(port: "p", isOpen: false)),
        ] + reasons.map { .transmitted(frame, reason: $0, for: shine) }
    }

    private static func wireLog() throws -> [Members] {
        var formatter = makeFormatter()
        for event in try ends() + others() { formatter.append(event, of: "a", at: moment) }
        formatter.append(loss: .logOverflow, of: 1, because: nil, at: moment)
        formatter.append(loss: .logWriteFailed, of: 1, because: "x", at: moment)
        let moved = try #require(Answering.exchange(unit: 11, mappedTo: 1))
        formatter.append(.finished(moved, .delivered), of: "a", at: moment)
        let records = try members(formatter.take().bytes)
        return try records + members(formatter.feedBeginning(at: moment)) + members(WireLogFormatter.feedLoss(of: 1))
    }

    private static func capture() throws -> [Members] {
        var formatter = CaptureFormatter()
        for event in try ends() {
            formatter.append(WireLogEntry(event: event, microseconds: moment, line: "a"))
        }
        return try members(formatter.take().bytes)
    }

    private func words(_ field: WireLogField, _ records: [Members]) -> Set<String> {
        Set(records.flatMap { $0.filter { $0.key == field.rawValue }.compactMap(\.value.string) })
    }

    private func written<Word: WireLogWord>(_ words: Word.Type) -> Set<String> {
        Set(Word.allCases.filter { $0.use == .written }.map(\.rawValue))
    }

    @Test func `what is written stands in the table as written, and nothing else does`() throws {
        let (log, capture) = (try Self.wireLog(), try Self.capture())
        #expect(Set((log + capture).flatMap { $0.map(\.key) }) == written(WireLogField.self))
        #expect(words(.role, log) == written(WireLogRole.self))
        #expect(words(.event, log) == written(WireLogEvent.self))
        #expect(words(.outcome, log) == written(WireLogOutcome.self))
        #expect(words(.operation, capture) == written(CapturedCall.self))
    }

    private func expectFound<Word: WireLogWord>(_ words: [Word], sourceLocation: SourceLocation = #_sourceLocation) {
        let vocabulary = Vocabulary(words)
        for word in words {
            let found = Array(word.rawValue.utf8).withUnsafeBytes { vocabulary.word($0) }
            #expect(found == word, sourceLocation: sourceLocation)
        }
    }

    @Test func `a reader finds every word that it looks for`() {
        expectFound(WireLogField.allCases.filter(\.isRead))
        expectFound(WireLogRole.allCases)
        expectFound(WireLogOutcome.allCases)
        expectFound(CapturedCall.allCases)
    }

    @Test func `a reader knows every event of a record`() throws {
        let (words, records) = (RecordWords(), try Self.wireLog())
        for record in records {
            var (clients, fields) = (RecordedClients(), RecordFields())
            let line = Array(Text.JSONValue.object(record).line.utf8)
            let outcome = line.withUnsafeBytes { LineScanner.scan($0, words, &clients, into: &fields) }
            #expect(outcome == .fields)
            #expect(fields.role?.rawValue == record.first { $0.key == "role" }?.value.string)
            #expect(fields.event?.rawValue == record.first { $0.key == "event" }?.value.string)
        }
    }

    @Test func `no word needs escaping`() {
        let all: [any WireLogWord] =
            WireLogField.allCases + WireLogRole.allCases + WireLogEvent.allCases + WireLogOutcome.allCases
            + CapturedCall.allCases
        for word in all {
            #expect(word.rawValue.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C })
        }
    }
}
