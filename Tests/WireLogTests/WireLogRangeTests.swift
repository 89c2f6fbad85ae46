@testable import WireLog
import Broker
import Modbus
import Simulator
import Testing
import Text

/// What names, times and durations become in a record, over the whole range of their types.
@Suite struct WireLogRangeTests {
    private static func numbers() -> [Int64] {
        var random = RandomSource(seed: 7)
        let edges: [Int64] = [
            .min, .min + 1, -1_000_001, -1_000_000, -1, 0, 1, 499, 500, 999, 1000, 999_999, 1_000_000,
            9_223_372_036_854_775_000, .max - 499, .max - 1, .max,
        ]
        return edges
            + (0..<2000).map { _ in Int64(bitPattern: random.next()) >> Int64.random(in: 0..<64, using: &random) }
    }

    @Test("Every character of a name or reason survives a JSON parser")
    func escaping() throws {
        let scalars = String(String.UnicodeScalarView((0...255).compactMap { Unicode.Scalar($0) }))
        let bytes = String(decoding: (0...255).map { UInt8($0) }, as: UTF8.self)
        for name in [scalars, bytes, "\u{2028}\u{2029}😀\u{10FFFF}", #"C:\"x"\u0000"#, ""] {
            let client = Client(kind: .tcp, name: name, address: "")
            let request = line(.request(try exampleQuery(from: client)))
            #expect(request.utf8.count { $0 == UInt8(ascii: "\n") } == 1)
            #expect(try JSONValue.fields(request)["from_client"] == .text(name))
            #expect(try JSONValue.fields(line(.line(.closed(reason: name))))["reason"] == .text(name))
        }
    }

    @Test func `a log line of any duration and at any moment is one object`() throws {
        let query = try exampleQuery()
        for number in Self.numbers() {
            let (sent, finished) = (Instant.start, Instant.start + Duration(nanoseconds: max(0, number)))
            let exchange = Exchange(
                query: query, result: .failure(.noReply), source: .bus, attempts: 1, sent: sent, finished: finished)
            var formatter = makeFormatter()
            let line = formatter.line(.finished(exchange, .delivered), at: number)
            #expect((try? Text.JSONReader.value(of: Array(line.dropLast())))?.members != nil, "\(number)")
        }
    }
}
