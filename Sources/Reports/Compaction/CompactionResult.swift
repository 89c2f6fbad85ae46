package import Growatt
internal import Modbus
internal import Text

/// A dataset made of recordings, and what is to be said about it.
package struct CompactionResult: Sendable {
    package let dataset: Dataset
    package let requests: Int
    package let usedReplies: Int
    package let strayReplies: Int
    package let remarks: [String]

    package var isEmpty: Bool { dataset.units.isEmpty }

    /// One line for each unit, then the remarks.
    ///
    /// - Parameter path: where the dataset was written.
    package func text(_ path: String) -> String {
        let units = dataset.units.sorted { $0.key < $1.key }.map { unit, registers in
            "\(path): unit \(unit): \(FigureText.count(registers.holding.count)) holding, "
                + "\(FigureText.count(registers.input.count)) input, \(FigureText.count(registers.meter.count)) meter"
        }
        let replies = "from \(FigureText.count(usedReplies)) of \(FigureText.count(requests, "request"))"
        let stray = strayReplies > 0 ? "; \(FigureText.count(strayReplies, "stray reply")) ignored" : ""
        return (units + [replies + stray] + remarks).joined(separator: "\n")
    }

    /// The same for machines.
    package func json(_ path: String) -> [UInt8] {
        let units = dataset.units.sorted { $0.key < $1.key }.map { unit, registers in
            JSONValue.object([
                .init("unit", .count(Int(unit.rawValue))), .init("holding", .count(registers.holding.count)),
                .init("input", .count(registers.input.count)), .init("meter", .count(registers.meter.count)),
            ])
        }
        var bytes: [UInt8] = []
        JSONValue.object([
            .init("out", .string(path)), .init("requests", .count(requests)), .init("usedReplies", .count(usedReplies)),
            .init("strayReplies", .count(strayReplies)), .init("units", .array(units)),
            .init("remarks", .array(remarks.map { .string($0) })),
        ]).append(to: &bytes)
        return bytes + [UInt8(ascii: "\n")]
    }
}
