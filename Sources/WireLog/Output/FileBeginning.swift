internal import Glibc

/// The kind of a file, as far as its beginning shows.
///
/// The fields of the first whole record tell wire logs, also the prototype's, from captures and from everything else.
enum FileBeginning: Hashable {
    case empty
    case wireLog
    case capture
    /// Nothing but torn records of one of both kinds.
    case torn
    case other

    /// The bytes that are looked at: both kinds have their fields near the beginning.
    private static let length = 4096
    /// The first keys of records, ours and the prototype's.
    private static let starts = ["ts", "t", "role", "event"].map { "{\"\($0)\":" }
    private static let roles = WireLogRole.allCases.flatMap {
        ["\"role\":\"\($0.rawValue)\"", "\"role\": \"\($0.rawValue)\""]
    }

    /// nil: the file cannot be read.
    init?(path: String) {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: Self.length)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count >= 0 else { return nil }
        self.init(bytes[..<count])
    }

    init(_ bytes: ArraySlice<UInt8>) {
        self = bytes.isEmpty ? .empty : .torn
        var rest = bytes.prefix(Self.length)
        while !rest.isEmpty {
            let line = rest.prefix { $0 != UInt8(ascii: "\n") }
            rest = rest[line.endIndex...]
            let isLast = rest.isEmpty
            let text = String(decoding: line, as: UTF8.self)
            if let kind = Self.kind(of: text) {
                self = kind
                return
            }
            // A line that goes on beyond what is looked at has shown none of the fields.
            guard !(isLast && bytes.count >= Self.length), Self.isTorn(text, isLast: isLast) else {
                self = .other
                return
            }
            rest = rest.dropFirst()
        }
    }

    /// nil: the line has not the fields of either kind.
    private static func kind(of line: String) -> Self? {
        guard line.hasPrefix("{\"") else { return nil }
        if roles.contains(where: { line.contains($0) }) { return .wireLog }
        return line.contains("\"ts\":") && line.contains("\"op\":") ? .capture : nil
    }

    /// Whether the line is a record that a kill has cut off. The last one may end within its first key.
    private static func isTorn(_ line: String, isLast: Bool) -> Bool {
        guard !line.isEmpty, !line.hasSuffix("}") else { return false }
        return starts.contains { line.hasPrefix($0) || (isLast && $0.hasPrefix(line)) }
    }

    /// The reason not to add lines of this kind to such a file; nil: they may be added.
    func refusal(of format: LogFormat, at path: String) -> String? {
        switch (self, format) {
        case (.other, _): "\(path) exists and is neither a wire log nor a capture; name another file"
        case (.capture, .wireLog): "\(path) is a capture, and no wire log; name another file"
        case (.wireLog, .capture): "\(path) is a wire log, and no capture; name another file"
        default: nil
        }
    }
}
