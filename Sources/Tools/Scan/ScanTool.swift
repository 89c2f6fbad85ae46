internal import Endpoints
internal import Glibc
internal import Growatt
internal import Modbus
internal import Settings
internal import Text

/// `growatt-broker scan`.
package struct ScanTool {
    package struct Settings: Sendable {
        package var ranges = ScanTool.usualRanges
        /// The most registers asked for at once; 1 to 125.
        package var block = 125
        /// The dataset that is written.
        package var out: String
        /// Whether what an unfinished scan has left is not used.
        package var isRestart = false
        /// The program, for the provenance.
        package var version: String

        package init(out: String, version: String) {
            self.out = out
            self.version = version
        }

        var partial: String { "\(out).partial" }
    }

    /// Where the documents and integrations know registers of the families TL-X, TL-XH, MAX, MIX, SPH, SPA and SPF, in
    /// whole groups of 125. VPP's 30000-30499 and 31000-31249 and the meter's 0-124 are asked for only by name.
    package static let usualRanges: [ScanPlan.Range] = [
        .init(.holding, 0...624), .init(.holding, 1000...1249), .init(.holding, 3000...3374),
        .init(.input, 0...374), .init(.input, 1000...1249), .init(.input, 3000...3374),
    ]

    /// Requests between two writes of the unfinished scan.
    private static let savingInterval = 25

    private let settings: Settings
    private let connection: UnitConnection
    private let output: Output

    package init(_ settings: Settings, _ connection: UnitConnection, _ output: Output) {
        self.settings = settings
        self.connection = connection
        self.output = output
    }

    /// Asks for everything, and writes the dataset.
    ///
    /// - Throws: ``ToolError``; `FileError` and `DatasetError` for the files. What was found stays in the partial file.
    package func run() throws {
        let known = try earlier()
        var limits = ScanPlan.Limits()
        limits.quiet = connection.settings.lateWindow
        var plan = ScanPlan(settings.ranges, block: settings.block, known: known, limits: limits)
        if let warning { output.tell(warning) }
        var progress = ScanProgress(output, total: plan.openCount)
        do {
            try walk(&plan, &progress)
        } catch {
            progress.end()
            try keep(plan)
            throw error
        }
        progress.end()
        guard plan.foundCount > 0 else {
            unlink(settings.partial)
            throw ToolError.failed(
                "unit \(connection.settings.unit) has none of these registers; nothing was written")
        }
        do {
            try dataset(plan).write(to: settings.out)
        } catch {
            try keep(plan)
            throw error
        }
        unlink(settings.partial)
        for line in summary(plan) { output.tell(line) }
    }

    /// Nil: no range is known to do harm.
    private var warning: String? {
        // 0xAHA/Growatt_ModbusTCP#88, #89, #90.
        let harmful = settings.ranges.filter { $0.addresses.upperBound >= Self.firstHarmful }
        guard let first = harmful.first else { return nil }
        return
            "warning: \(first.table.rawValue) \(first.addresses.text): reading 30000 and up cuts the power of the house "
            + "for a moment on off-grid inverters (SPF); Ctrl-C ends the scan"
    }

    private static let firstHarmful = 30000

    private func walk(_ plan: inout ScanPlan, _ progress: inout ScanProgress) throws {
        var sinceSaving = 0
        while true {
            switch plan.next {
            case .finished: return
            case .silent:
                throw ToolError.failed(
                    "unit \(connection.settings.unit) at \(connection.settings.endpoint.path) does not answer: "
                        + "the scan has ended after \(plan.requests.counted("request"))"
                        + (connection.trouble.map { " (\($0))" } ?? ""))
            case .pause(let duration):
                try connection.pause(until: .now + duration)
                plan.notePause()
            case .ask(let range):
                progress.show(plan, place: "\(range.table.rawValue) \(range.addresses.text)")
                plan.note(try connection.ask(range.request))
                sinceSaving += 1
            }
            if sinceSaving == Self.savingInterval {
                try save(plan)
                sinceSaving = 0
            }
        }
    }

    /// What an unfinished scan has left.
    private func earlier() throws -> ScanRecord {
        guard !settings.isRestart, access(settings.partial, F_OK) == 0 else { return ScanRecord() }
        let record = try ScanRecord(
            Dataset(path: settings.partial), of: connection.settings.unit, file: settings.partial)
        let count = RegisterTable.allCases.reduce(0) { $0 + record.found[$1].count }
        output.tell("going on with \(settings.partial): \(count.counted("register")) (--restart begins anew)")
        return record
    }

    /// Leaves the registers found in the partial file, and says so. Without any, there is no file.
    private func keep(_ plan: ScanPlan) throws {
        guard plan.foundCount > 0 || !plan.missing.isEmpty else {
            unlink(settings.partial)
            return
        }
        try save(plan)
        output.tell(
            "\(plan.foundCount.counted("register")) after \(plan.requests.counted("request")) are kept in "
                + "\(settings.partial); the same command goes on from there")
    }

    private func save(_ plan: ScanPlan) throws {
        try dataset(plan).write(to: settings.partial)
    }
}

extension ScanTool {
    private func dataset(_ plan: ScanPlan) -> Dataset {
        let ranges = RegisterTable.allCases.compactMap { table -> String? in
            let own = settings.ranges.filter { $0.table == table }.map(\.addresses)
            return own.isEmpty ? nil : "\(table.rawValue) \(ScanRanges.merged(own).map(\.text).joined(separator: ","))"
        }
        let source =
            "scan of unit \(connection.settings.unit) at \(connection.settings.endpoint) by \(settings.version)"
        return plan.record.dataset(
            of: connection.settings.unit,
            notes: [
                .init("_source", .string(source)), .init("_captured", .string(WallClock.timestamp)),
                .init("_scanned", .string(ranges.joined(separator: "; "))),
                .init(
                    "_counts",
                    .object([
                        .init("registers", .number("\(plan.foundCount)")),
                        .init("requests", .number("\(plan.requests)")),
                    ])),
            ])
    }

    private func summary(_ plan: ScanPlan) -> [String] {
        let counts = RegisterTable.allCases.map { table in (table, plan.found[table].count) }.filter { $0.1 > 0 }
        var lines = [
            "\(settings.out): \(counts.map { "\($0.1) \($0.0.rawValue)" }.joined(separator: ", ")) registers, "
                + plan.requests.counted("request")
        ]
        if let limit = plan.readLimit {
            lines.append(
                "the unit refuses long reads: it answered \(limit.answered.counted("register")) at once and refused "
                    + "\(limit.refused) that it has (--block \(limit.answered))")
        }
        for table in plan.unsupported.sorted() {
            lines.append("the unit does not have function \(table.function), which reads the table \(table.rawValue)")
        }
        for (table, ranges) in plan.silent.sorted(by: { $0.key < $1.key }) {
            lines.append(
                "no answer about \(table.rawValue) \(ScanRanges.merged(ranges).map(\.text).joined(separator: ","))")
        }
        return lines
    }
}

extension ScanPlan.Range {
    fileprivate var request: PDU {
        PDU(
            read: table.function, address: UInt16(addresses.lowerBound),
            quantity: UInt16(truncatingIfNeeded: addresses.count))
    }
}
