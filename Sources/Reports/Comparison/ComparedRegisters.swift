internal import Growatt
internal import Modbus
internal import Text
package import WireLog

/// The registers of one side of a comparison: of a dataset or of recordings.
package struct ComparedRegisters {
    package enum Origin: Sendable {
        case dataset
        case recording
    }

    /// Values with their least and greatest one.
    struct Range: Hashable {
        let least: UInt16
        let greatest: UInt16
        /// How often the register was read; 1 for a dataset.
        let count: Int
    }

    package let path: String
    package let origin: Origin
    let ranges: [RegisterStatistics.Key: Range]
    /// What the reader came upon.
    package let remarks: [String]

    /// Reads a file: what has lines of a wire log or a capture is a recording, everything else has to be a dataset.
    ///
    /// - Parameter read: reads a recording, and hands over its lines.
    /// - Throws: what `read` throws; ``DatasetError``.
    package init(
        path: String, read: (String, (RecordedLine) -> Void) throws -> ReadingSummary
    ) throws {
        var pairing = ExchangePairing()
        var registers = RegisterStatistics()
        func add(_ exchange: RecordedExchange) {
            if let read = exchange.readRegisters { registers.add(read) }
        }
        let summary = try read(path) { pairing.take($0, add) }
        pairing.end(add)
        self.path = path
        guard summary.wireLogLines + summary.captureLines == 0 else {
            origin = .recording
            ranges = Dictionary(
                uniqueKeysWithValues: registers.all.map { key, values in
                    (key, Range(least: values.smallest, greatest: values.largest, count: Int(values.count)))
                })
            let foreign = FigureText.count(summary.foreignLines, "foreign line")
            remarks = summary.remarks + (summary.foreignLines > 0 ? ["\(path): \(foreign) left out"] : [])
            return
        }
        origin = .dataset
        ranges = Self.ranges(of: try Self.dataset(path))
        remarks = []
    }

    private static func dataset(_ path: String) throws(DatasetError) -> Dataset {
        do throws(DatasetError) {
            return try Dataset(path: path)
        } catch {
            let reason = [error.key, error.reason].compactMap { $0 }.joined(separator: ": ")
            throw DatasetError(file: path, key: nil, reason: "no recording; and no dataset: \(reason)")
        }
    }

    private static func ranges(of dataset: Dataset) -> [RegisterStatistics.Key: Range] {
        var ranges: [RegisterStatistics.Key: Range] = [:]
        for (unit, registers) in dataset.units {
            for table in RegisterTable.allCases {
                for (address, value) in registers[table] {
                    let key = RegisterStatistics.Key(unit: unit, table: table, address: address)
                    ranges[key] = Range(least: value, greatest: value, count: 1)
                }
            }
        }
        return ranges
    }
}
