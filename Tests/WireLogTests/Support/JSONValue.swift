import FoundationEssentials
import Text

/// Any JSON, as a parser that is not ours reads it.
enum JSONValue: Decodable, Hashable {
    case text(String)
    case number(Double)
    case flag(Bool)

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else {
            self = .text(try container.decode(String.self))
        }
    }

    /// The fields of one line; throws unless it is one JSON object.
    static func fields(_ line: some Collection<UInt8>) throws -> [String: JSONValue] {
        try JSONDecoder().decode([String: JSONValue].self, from: Data(line))
    }

    static func fields(_ line: String) throws -> [String: JSONValue] {
        try fields(Array(line.utf8))
    }
}
