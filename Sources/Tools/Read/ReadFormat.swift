internal import Growatt
internal import Modbus
internal import Text

/// How rounds are written.
package enum ReadFormat: String, CaseIterable, Sendable {
    case table, json, csv

    /// - Parameters:
    ///   - isFirst: whether nothing was written before it.
    ///   - isRepeated: whether others may follow.
    func text(
        of round: ReadRound, endpoint: String, unit: UnitIdentifier, isFirst: Bool, isRepeated: Bool, _ output: Output
    ) -> String {
        switch self {
        case .table:
            (isFirst ? "" : "\n") + (isRepeated ? output.styled(round.timestamp, .faint) + "\n" : "")
                + Self.columns(round).text(output)
        case .json: Self.json(round, endpoint: endpoint, unit: unit).line + "\n"
        case .csv:
            (isFirst ? "ts,unit,table,address,type,value,error\n" : "")
                + round.rows.map { Self.csv($0, timestamp: round.timestamp, unit: unit) }.joined()
        }
    }

    private static func columns(_ round: ReadRound) -> Columns {
        var columns = Columns(["TABLE", "ADDRESS", "TYPE", "VALUE", "HEX"], leftAligned: [0, 2, 4])
        for row in round.rows {
            switch row {
            case .value(let table, let address, let type, let value, let registers):
                let hex = table.isBits ? "" : "0x" + registers.map { Digits.hex($0, 4) }.joined()
                columns.append([
                    .init(text: table.rawValue), .init(text: "\(address)"),
                    .init(text: table.isBits ? "bit" : type.rawValue), .init(text: "\(value)", style: .green),
                    .init(text: hex.count <= 10 ? hex : "", style: .faint),
                ])
            case .failure(let table, let range, let reason):
                columns.append([
                    .init(text: table.rawValue), .init(text: range.text), .init(text: ""), .init(text: "–"),
                    .init(text: reason, style: .red),
                ])
            }
        }
        return columns
    }

    private static func json(_ round: ReadRound, endpoint: String, unit: UnitIdentifier) -> JSONValue {
        var values: [JSONValue] = []
        var errors: [JSONValue] = []
        for row in round.rows {
            switch row {
            case .value(let table, let address, let type, let value, _):
                values.append(
                    .object([
                        .init("table", .string(table.rawValue)), .init("address", .number("\(address)")),
                        .init("type", .string(table.isBits ? "bit" : type.rawValue)), .init("value", value.json),
                    ]))
            case .failure(let table, let range, let reason):
                errors.append(
                    .object([
                        .init("table", .string(table.rawValue)), .init("first", .number("\(range.lowerBound)")),
                        .init("last", .number("\(range.upperBound)")), .init("error", .string(reason)),
                    ]))
            }
        }
        return .object([
            .init("ts", .string(round.timestamp)), .init("endpoint", .string(endpoint)),
            .init("unit", .number("\(unit)")), .init("values", .array(values)), .init("errors", .array(errors)),
        ])
    }

    private static func csv(_ row: ReadRound.Row, timestamp: String, unit: UnitIdentifier) -> String {
        switch row {
        case .value(let table, let address, let type, let value, _):
            let type = table.isBits ? "bit" : type.rawValue
            return "\(timestamp),\(unit),\(table.rawValue),\(address),\(type),\(quoted("\(value)")),\n"
        case .failure(let table, let range, let reason):
            return "\(timestamp),\(unit),\(table.rawValue),\(range.text),,,\(quoted(reason))\n"
        }
    }

    /// RFC 4180.
    private static func quoted(_ text: String) -> String {
        guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
        return "\"" + text.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
    }
}

extension ClosedRange<Int> {
    /// `7`, or `7-9`.
    var text: String { lowerBound == upperBound ? "\(lowerBound)" : "\(lowerBound)-\(upperBound)" }
}
