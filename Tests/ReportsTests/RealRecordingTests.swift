import TestSupport
import Text
@testable import Reports
import Growatt
import Modbus
import Testing

import WireLog

/// The recording of a real dongle and Home Assistant, and a dataset of the same model of inverter. They are no part of
/// the project: these tests are skipped without them.
@Suite(.enabled(if: RealData.isPresent, "no recording at \(RealData.recording); GROWATT_BROKER_DATA names its folder"))
struct RealRecordingTests {
    private func analysis() throws -> (Analysis, ReadingSummary) {
        var reader = RecordingReader()
        var analysis = Analysis()
        try reader.read(RealData.recording) { analysis.take($0) }
        analysis.end()
        return (analysis, reader.summary)
    }

    @Test func `requests, replies, timeouts and exceptions are those of the recording`() throws {
        let (analysis, summary) = try analysis()
        #expect(analysis.outcomes.requests == 1063)
        #expect(analysis.outcomes.replies == 1005)
        #expect(analysis.outcomes.timeouts == 58)
        #expect(analysis.outcomes.exceptionCodes == [1: 10])
        #expect(analysis.outcomes.open == 0)
        #expect(analysis.pairingCounts.strayReplies == 0)
        #expect(analysis.repeats.all == 91)
        #expect(analysis.repeats.afterFailure == 17)
        #expect(analysis.events[.downstreamTimeout] == 101)
        #expect(summary.foreignLines == 1)
        #expect(summary.lines == 2262)
    }

    @Test func `dropped chunks, functions and unit 0 are those of the recording`() throws {
        let (analysis, _) = try analysis()
        #expect(analysis.dropped.chunks == 33)
        #expect(analysis.dropped.requests == 68)
        #expect(analysis.dropped.chunksOfGlued == 32)
        #expect(analysis.dropped.noiseBytes == 661)
        let meter = analysis.clients.all.filter { $0.function == .readMeter }
        #expect(meter.map(\.outcomes.requests) == [95])
        #expect(meter.map(\.client) == ["SHINE"])
        #expect(analysis.unit0.requests == 3)
        #expect(analysis.unit0.answered == 3)
        #expect(analysis.unit0.units == [1])
        #expect(analysis.clients.connections == ["SHINE": 1, "TCP:172.30.232.1": 105])
    }

    @Test func `the writes have their outcomes, those of the clock among them`() throws {
        let writes = try analysis().0.writes.elements
        #expect(writes.count == 28)
        #expect(writes.count { $0.outcome == .ok } == 13)
        #expect(writes.count { $0.outcome == .timeout } == 5)
        #expect(writes.count { $0.exceptionCode == .illegalFunction } == 10)
        let clock = writes.filter { (45...50).contains($0.address) }
        #expect(
            clock.map { "\($0.address)=\($0.values[0]) \($0.outcomeText)" } == [
                "45=25 ok", "46=9 ok", "47=21 timeout", "48=22 ok", "49=4 ok", "50=25 ok", "45=25 ok", "46=9 ok",
                "47=21 ok",
                "48=22 timeout", "49=4 timeout", "50=25 ok",
            ])
    }

    @Test func `reply times are those of the recording`() throws {
        let (analysis, _) = try analysis()
        #expect(analysis.replyTime.count == 1005)
        #expect(analysis.replyTime.longest == 117_000)
        #expect(analysis.replyTime.shortest == 28_000)
        let large = analysis.replyTimeBySize[255]
        #expect(large.count == 544)
        #expect(abs((large.median ?? 0) - 111_000) < 500)
    }

    @Test func `the page and the text show the main figures`() throws {
        let (analysis, summary) = try analysis()
        let page = AnalysisPage(analysis, summary, files: [RealData.recording]).html
        let text = AnalysisText(analysis, summary).text
        try expectWellFormed(page)
        for figure in ["1,063: 972 distinct, 91 repeats", "33 chunks", "3037 = 30", "exception 1"] {
            #expect(page.contains(figure), "\(figure)")
            #expect(text.contains(figure), "\(figure)")
        }
    }
}

/// Where compacted recording and dataset both know a register that did not change in the recording, they agree but for
/// what another owner has set, and what is no property of a model but a measurement.
@Suite(.enabled(if: RealData.isPresent, "no recording at \(RealData.recording); GROWATT_BROKER_DATA names its folder"))
struct RealCompactionTests {
    /// Holding registers of the same model that differ, and why.
    static let otherSettings: [UInt16: String] = [
        45: "clock: year of the recording", 51: "clock: day of the week",
        3036: "grid first: discharge power, a setting",
        3041: "time slot 2: end, a setting", 3043: "time slot 3: end, a setting",
        3047: "battery first: charge power, a setting",
    ]

    /// Input registers that stood still for 22 minutes, but are measurements or counters.
    static let measurements: [UInt16: String] = [
        3002: "PV power", 3003: "PV1 voltage", 3006: "PV1 power", 3007: "PV2 voltage", 3010: "PV2 power",
        3047: "working time, high word", 3054: "PV energy", 3058: "PV1 energy", 3062: "PV2 energy",
        3070: "imported energy",
        3072: "exported energy today", 3074: "exported energy", 3087: "PV insulation", 3101: "output power in percent",
        3132: "charged energy", 3136: "energy charged from the grid", 3174: "battery converter current",
        3175: "battery converter current", 3185: "charged energy, battery converter", 3200: "battery: full capacity",
        3201: "battery: remaining capacity", 3217: "battery: current", 3227: "battery block, no published meaning",
        3242: "battery block, no published meaning", 3248: "battery block, no published meaning",
    ]

    @Test func `every constant register agrees with the dataset, but for settings and measurements`() throws {
        func dataset(_ statistic: Compaction.Statistic) throws -> Dataset.Unit {
            var (reader, compaction) = (RecordingReader(), Compaction(statistic))
            try reader.read(RealData.recording) { compaction.take($0) }
            compaction.end()
            return try #require(compaction.result(of: [RealData.recording], reader.summary).dataset.units[1])
        }
        let (last, least, greatest) = (try dataset(.last), try dataset(.min), try dataset(.max))
        let known = try #require(try Dataset(path: RealData.dataset).units[1])
        #expect(last.holding.count == 328 && last.input.count == 375 && last.meter.count == 100)

        let holding = last.holding.filter {
            least.holding[$0.key] == greatest.holding[$0.key] && known.holding[$0.key] != nil
        }
        #expect(holding.count == 146)
        #expect(Set(holding.filter { known.holding[$0.key] != $0.value }.keys) == Set(Self.otherSettings.keys))

        let input = last.input.filter { least.input[$0.key] == greatest.input[$0.key] && known.input[$0.key] != nil }
        #expect(input.count == 49)
        #expect(Set(input.filter { known.input[$0.key] != $0.value }.keys) == Set(Self.measurements.keys))
    }
}
