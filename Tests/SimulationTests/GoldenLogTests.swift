import Broker
import Foundation
import Modbus
import Simulation
import Testing
import Text
import WireLog

/// The wire log of 50 worlds, to the byte: a change of the house must not change what a seed does, nor what is written.
///
/// A change that is meant, such as another rule or another draw, re-records them: set `RECORD_GOLDEN_LOGS=1`, run this
/// test, and say in the commit why they differ.
@Suite struct GoldenLogTests {
    private static let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "golden-logs.txt")

    /// The number of records, and a checksum of their bytes (FNV-1a, 64 bits), behind the seed.
    private func record(of seed: UInt64) -> String {
        var formatter = WireLogFormatter(calendar: CalendarTime.utc)
        var (count, checksum) = (0, 0xcbf2_9ce4_8422_2325 as UInt64)
        let result = Simulation(duration: .seconds(20), hasReloads: false).run(seed: seed) { event, line, instant in
            let record = formatter.line(event, at: instant.nanoseconds / 1000)
            // Not every report is written.
            guard !record.isEmpty else { return }
            count += 1
            let name = line.map { Array("\($0.name) ".utf8) } ?? []
            for byte in name + record {
                checksum = (checksum ^ UInt64(byte)) &* 0x100_0000_01b3
            }
        }
        #expect(result.violation == nil, "seed \(seed)")
        let digits = String(checksum, radix: 16)
        return "\(seed) \(count) \(String(repeating: "0", count: 16 - digits.count))\(digits)"
    }

    @Test func `the wire log of a seed is what it was`() throws {
        let records = (1...50 as ClosedRange<UInt64>).map(record)
        if ProcessInfo.processInfo.environment["RECORD_GOLDEN_LOGS"] != nil {
            try Data((records.joined(separator: "\n") + "\n").utf8).write(to: Self.file)
        }
        let golden = try String(contentsOf: Self.file, encoding: .utf8).split(separator: "\n").map(String.init)
        #expect(records.count == golden.count)
        for (record, golden) in zip(records, golden) { #expect(record == golden) }
    }
}
