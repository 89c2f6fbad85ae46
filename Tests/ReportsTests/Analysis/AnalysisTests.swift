import TestSupport
@testable import Reports
import Modbus
import Testing
import Text

@Suite("Analyses")
struct AnalysisTests {
    /// Two requests, one repeated after a timeout, an exception and a dropped chunk.
    private func example() throws -> String {
        try [
            Prototype.request(readHolding(0, 2), at: 0), Prototype.reply(holding(1, 2), at: 40),
            Prototype.request([4, 0, 9, 0, 1], at: 5000), Prototype.timeout(at: 6500),
            Prototype.request([4, 0, 9, 0, 1], at: 7000), Prototype.reply([4, 2, 0, 1], at: 7050),
            Prototype.request([6, 0, 45, 0, 25], at: 20_000), Prototype.reply([0x86, 2], at: 20_037),
            Prototype.drop(hex(readHolding(0, 2)) + hex([4, 0, 9, 0, 1]), at: 21_000),
            Prototype.drop("6f6f6f" + hex(readHolding(0, 2)), at: 22_000),
            Prototype.request(readHolding(0, 2), at: 60_000), Prototype.reply(holding(1, 3), at: 60_042),
        ].joined()
    }

    @Test func `requests are counted by their ends, and repeats by what came before`() throws {
        let (analysis, _) = try analysis(example())
        #expect(analysis.outcomes.requests == 5)
        #expect(analysis.outcomes.replies == 4)
        #expect(analysis.outcomes.exceptions == 1)
        #expect(analysis.outcomes.exceptionCodes == [2: 1])
        #expect(analysis.outcomes.timeouts == 1)
        #expect(analysis.repeats.afterFailure == 1)
        #expect(analysis.repeats.all == 1)
    }

    @Test func `glued requests and noise are found in what was dropped`() throws {
        let dropped = try analysis(example()).0.dropped
        #expect(dropped.chunks == 2)
        #expect(dropped.requests == 3)
        #expect(dropped.chunksOfGlued == 1)
        #expect(dropped.noiseBytes == 3)
        #expect(dropped.noisyChunks == 1)
    }

    @Test func `a block's period leaves repeats out`() throws {
        let (analysis, _) = try analysis(example())
        let holding = try #require(analysis.blocks.all.first { $0.block.function == .readHoldingRegisters })
        #expect(holding.requests == 2)
        #expect(holding.period.longest == 60_000_000)
        let input = try #require(analysis.blocks.all.first { $0.block.function == .readInputRegisters })
        #expect(input.requests == 2)
        #expect(input.answered == 1)
        #expect(input.period.count == 0)
    }

    @Test func `writes are listed with their outcome`() throws {
        let writes = try analysis(example()).0.writes.elements
        #expect(writes.map(\.address) == [45])
        #expect(writes.map(\.values) == [[25]])
        #expect(writes.map(\.outcomeText) == ["exception 2"])
    }

    @Test func `gaps and the use of the line`() throws {
        let (analysis, _) = try analysis(example())
        #expect(analysis.gaps.longest.map(\.duration) == [38_000_000, 12_950_000])
        #expect(analysis.lineUse.busyMicroseconds == 40_000 + 1_500_000 + 50_000 + 37_000 + 42_000)
        #expect(analysis.lineUse.wireMicroseconds == nil)
        #expect(analysis.microseconds == 60_042_000)
    }

    @Test func `connections of a host are one client`() throws {
        let text = try (0..<3).map {
            try Prototype.request(readHolding(0, 1), at: $0 * 1000, by: "TCP:10.0.0.1:4000\($0)")
                + Prototype.reply(holding(1), at: $0 * 1000 + 40, to: "TCP:10.0.0.1:4000\($0)")
        }
        let (analysis, _) = try analysis(text.joined())
        #expect(analysis.clients.connections == ["TCP:10.0.0.1": 3])
        #expect(analysis.clients.all.map(\.outcomes.requests) == [3])
        #expect(analysis.repeats.all == 0)
    }

    @Test func `more clients, blocks and writes than fit are counted together`() throws {
        let text = try (0..<1200).map {
            try Prototype.request(readHolding(UInt16($0), 1), at: $0, by: "TCP:10.0.\($0).1:1")
                + Prototype.timeout(at: $0, to: "TCP:10.0.\($0).1:1")
                + Prototype.request([6, 0, 0, 0, 0], at: $0, by: "PTY:\($0)")
                + Prototype.timeout(at: $0, to: "PTY:\($0)")
        }
        let (analysis, _) = try analysis(text.joined())
        #expect(analysis.outcomes.requests == 2400)
        #expect(analysis.clients.all.reduce(0) { $0 + $1.outcomes.requests } == 2400)
        #expect(analysis.clients.byClient.count <= 501)
        #expect(analysis.blocks.all.count == 1000)
        #expect(analysis.blocks.requestsOfOthers == 200)
        #expect(analysis.writes.omitted == 200)
    }

    @Test func `nothing at all has an analysis too`() throws {
        let (analysis, summary) = try analysis("")
        #expect(AnalysisText(analysis, summary).text.contains("No line of a wire log or capture in 0 lines"))
        #expect(throws: Never.self) { try JSONReader.value(of: analysis.json(summary)) }
        #expect(AnalysisPage(analysis, summary, files: []).html.hasSuffix("</html>\n"))
    }

    @Test func `the JSON has the figures at its top`() throws {
        let (analysis, summary) = try analysis(example())
        let members = try #require(try JSONReader.value(of: analysis.json(summary)).members)
        let figures = Dictionary(uniqueKeysWithValues: members.map { ($0.key, $0.value) })
        #expect(figures["requests"] == .number("5"))
        #expect(figures["timeouts"] == .number("1"))
        #expect(figures["drops"] == .number("2"))
        #expect(figures["glued"] == .number("3"))
        for key in ["replies", "exceptions", "writes", "clients", "blocks", "gaps", "registers", "line", "unit0"] {
            #expect(figures[key] != nil, "\(key)")
        }
    }
}
