internal import Broker
internal import FoundationEssentials

/// What the Python prototype logged of real traffic: JSON Lines, one event a line.
package struct CaptureLog: Sendable {
    enum Role: String {
        case request = "REQ"
        case reply = "RSP"
        /// What the prototype made nothing of.
        case dropped = "DROP"
    }

    struct Line {
        let role: Role
        /// As in the log: `SHINE`, `TCP:host:port`.
        let client: String
        /// Since the first line.
        let instant: Instant
        /// Empty for a reply that did not come.
        let bytes: [UInt8]
    }

    /// A line of the log, of which only this counts: the rest of a reply's fields is wrong.
    private struct Entry: Decodable {
        let role: String
        let ts: String
        let hex: String?
        let fromClient: String?
        let toClient: String?

        enum CodingKeys: String, CodingKey {
            case role, ts, hex
            case fromClient = "from_client"
            case toClient = "to_client"
        }
    }

    let lines: [Line]

    /// Reads a log file; lines that are no JSON object are left out.
    ///
    /// - Throws: where it cannot be read, or a line is damaged.
    package init(path: String) throws {
        let data = try Data(contentsOf: URL(filePath: path))
        let decoder = JSONDecoder()
        var lines: [Line] = []
        var start: Int64?
        for text in data.split(separator: UInt8(ascii: "\n")) where text.first == UInt8(ascii: "{") {
            let entry = try decoder.decode(Entry.self, from: text)
            guard let role = Role(rawValue: entry.role), let client = entry.fromClient ?? entry.toClient,
                let bytes = Self.bytes(entry.hex ?? ""), let time = Self.milliseconds(entry.ts)
            else { continue }
            let first = start ?? time
            start = first
            // A log that runs over midnight goes on behind it.
            let elapsed = (time - first + 86_400_000) % 86_400_000
            lines.append(
                Line(role: role, client: client, instant: .start + .milliseconds(elapsed), bytes: bytes))
        }
        self.lines = lines
    }

    private static func bytes(_ hex: String) -> [UInt8]? {
        let digits = hex.compactMap(\.hexDigitValue)
        guard digits.count == hex.count, digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    /// Milliseconds since midnight of `2025-09-21T19:58:43.667`.
    private static func milliseconds(_ timestamp: String) -> Int64? {
        let fields = timestamp.drop { $0 != "T" }.dropFirst().split { ":.".contains($0) }.compactMap { Int64($0) }
        guard fields.count == 4 else { return nil }
        return ((fields[0] * 60 + fields[1]) * 60 + fields[2]) * 1000 + fields[3]
    }
}
