internal import Growatt
internal import Modbus
internal import Text
package import WireLog

/// Makes a dataset of recordings: of each register that was read, one of its values.
///
/// Only replies count that fit their request (``ExchangePairing``). What was written does not count: a unit need not
/// keep it, and a read behind it tells.
package struct Compaction {
    /// Which of a register's values.
    package enum Statistic: String, CaseIterable, Sendable {
        case last, first, median, min, max
    }

    private let statistic: Statistic
    private var pairing = ExchangePairing()
    private var registers: RegisterStatistics
    private var first: Int64?
    private var last: Int64?
    /// Exchanges of all kinds.
    package private(set) var requests = 0
    /// Replies whose registers count.
    package private(set) var usedReplies = 0

    package init(_ statistic: Statistic) {
        self.init(statistic, medianMemory: ValueCounts.largestMemory)
    }

    /// - Parameter medianMemory: the most bytes for what medians take.
    init(_ statistic: Statistic, medianMemory: Int) {
        self.statistic = statistic
        registers = statistic == .median ? RegisterStatistics(medianMemory: medianMemory) : RegisterStatistics()
    }

    package mutating func take(_ line: RecordedLine) {
        var ended: [RecordedExchange] = []
        pairing.take(line) { ended.append($0) }
        for exchange in ended { add(exchange) }
    }

    /// The recordings have ended.
    package mutating func end() {
        var ended: [RecordedExchange] = []
        pairing.end { ended.append($0) }
        for exchange in ended { add(exchange) }
    }

    private mutating func add(_ exchange: RecordedExchange) {
        requests += 1
        guard let read = exchange.readRegisters else { return }
        usedReplies += 1
        first = Swift.min(first ?? .max, exchange.wallMicroseconds)
        last = Swift.max(last ?? .min, exchange.wallMicroseconds)
        registers.add(read)
    }

    /// - Parameters:
    ///   - files: where the lines are from.
    ///   - summary: of their reader.
    package func result(of files: [String], _ summary: ReadingSummary) -> CompactionResult {
        var units: [UnitIdentifier: Dataset.Unit] = [:]
        for (key, value) in values where 1...247 ~= key.unit.rawValue {
            units[key.unit, default: Dataset.Unit()][key.table][key.address] = value
        }
        let names = files.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
        let shown = names.prefix(10).joined(separator: ", ") + (names.count > 10 ? " and \(names.count - 10) more" : "")
        var notes: [JSONValue.Member] = [
            .init("_source", .string("growatt-broker compact, \(statistic.rawValue) of \(shown)"))
        ]
        if let first, let last {
            notes.append(.init("_captured", .string("\(FigureText.time(first)) to \(FigureText.time(last))")))
        }
        notes.append(.init("_counts", .object(counts(summary))))
        return CompactionResult(
            dataset: Dataset(units: units, notes: notes), requests: requests, usedReplies: usedReplies,
            strayReplies: pairing.counts.strayReplies, remarks: summary.remarks + remarks)
    }

    private var values: [(key: RegisterStatistics.Key, value: UInt16)] {
        switch statistic {
        case .last: registers.all.map { ($0.key, $0.values.last) }
        case .first: registers.all.map { ($0.key, $0.values.first) }
        case .min: registers.all.map { ($0.key, $0.values.smallest) }
        case .max: registers.all.map { ($0.key, $0.values.largest) }
        case .median: registers.medians
        }
    }

    private func counts(_ summary: ReadingSummary) -> [JSONValue.Member] {
        [
            .init("lines", .count(summary.lines)), .init("foreignLines", .count(summary.foreignLines)),
            .init("requests", .count(requests)), .init("usedReplies", .count(usedReplies)),
            .init("strayReplies", .count(pairing.counts.strayReplies)),
            .init("damagedFrames", .count(pairing.counts.damagedFrames)),
        ]
    }

    private var remarks: [String] {
        var remarks: [String] = []
        if registers.omittedReplies > 0 {
            remarks.append("\(FigureText.count(registers.omittedReplies, "reply")) left out: more registers than fit")
        }
        if registers.incompleteMedians > 0 {
            remarks.append(
                "\(FigureText.count(registers.incompleteMedians, "median")) of a part of the values: more than fit")
        }
        return remarks
    }
}
