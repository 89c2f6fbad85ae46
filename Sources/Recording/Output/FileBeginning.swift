internal import Glibc

/// The kind of a file, as far as its beginning shows.
///
/// The keys of the first line tell wire logs, also the prototype's, from captures. An unknown file counts as the right
/// kind: with a torn line it could be any.
enum FileBeginning: Hashable {
    case empty
    case wireLog
    case capture
    /// JSON Lines of an unknown kind.
    case lines
    case other

    /// The bytes that are looked at: both kinds have their keys near the beginning.
    private static let length = 1024

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
        let start = Array("{\"".utf8)
        guard !bytes.isEmpty else {
            self = .empty
            return
        }
        guard bytes.prefix(2).elementsEqual(start.prefix(bytes.count)) else {
            self = .other
            return
        }
        let line = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        self = line.contains(#""role":"#) ? .wireLog : line.contains(#""op":"#) ? .capture : .lines
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
