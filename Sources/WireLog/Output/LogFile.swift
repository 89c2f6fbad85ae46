internal import Glibc
internal import Text

/// A file of whole lines, which makes place for a new one when it is full.
///
/// The file and its directory are made when they are missing. Before each batch the path is looked up: where it
/// names another file by now (logrotate has renamed it, somebody has removed the directory), that one is opened or
/// made. A file that does not end with a newline, as after a kill, gets one first.
struct LogFile: LogOutput {
    private let path: String
    private let format: LogFormat
    /// In bytes; 0: no limit.
    private let maximumSize: Int
    private var file: OpenFile?

    init(path: String, format: LogFormat = .wireLog, maximumSize: Int) {
        self.path = path
        self.format = format
        self.maximumSize = maximumSize
    }

    var name: String { path }

    mutating func prepare() throws(LogFailure) {
        let found = FileStatus(path: path)
        if let file, let found, found.identity == file.identity {
            self.file?.size = found.size
        } else {
            file = try OpenFile(path: path, format: format)
        }
    }

    mutating func append(_ lines: inout ArraySlice<UInt8>) throws(LogFailure) {
        while !lines.isEmpty {
            if file == nil { try prepare() }
            guard let file else { return }
            var part = fitting(lines, in: file)
            if part.isEmpty {
                try rotate()
                continue
            }
            let (rest, length) = (lines[part.endIndex...], part.count)
            do throws(LogFailure) {
                try file.lines.append(&part)
            } catch {
                lines = lines[part.startIndex...]
                throw error
            }
            lines = rest
            self.file?.size += length
        }
    }

    mutating func close() {
        file = nil
    }

    /// The lines that still have room; at least one where the file is empty.
    private func fitting(_ lines: ArraySlice<UInt8>, in file: OpenFile) -> ArraySlice<UInt8> {
        let room = maximumSize - file.size
        if maximumSize == 0 || !file.isRegular || lines.count <= room { return lines }
        let newline = UInt8(ascii: "\n")
        let last = lines.prefix(max(0, room)).lastIndex(of: newline)
        let end = last ?? (file.size == 0 ? lines.firstIndex(of: newline) : nil)
        return end.map { lines[...$0] } ?? []
    }

    /// Renames the full file, in place of the one that was renamed before.
    private mutating func rotate() throws(LogFailure) {
        // Freeing a large file takes milliseconds. If the renaming did it, a kill meanwhile would leave no file at path.
        unlink(path + ".1")
        guard rename(path, path + ".1") == 0 || errno == ENOENT else { throw .last("rename") }
        file = nil
    }
}
