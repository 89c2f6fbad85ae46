/// Reads wire logs and captures line by line: any mixture, of the prototype or ours, gzip or not, of any size.
package struct RecordingReader {
    /// How far a file has been read.
    package struct Progress: Sendable {
        package let file: String
        /// As stored, that is packed.
        package let bytesRead: Int
        /// Nil if it is not known.
        package let size: Int?
    }

    package private(set) var summary = ReadingSummary()
    private let words = LineWords()
    private var clients = RecordedClients()

    package init() {}

    /// Reads one file, or the standard input as `-`, to its end.
    ///
    /// - Parameters:
    ///   - progress: called several times a megabyte.
    ///   - take: gets each line in order.
    /// - Throws: ``ReadingError``; what was read before has been handed over.
    package mutating func read(
        _ path: String, progress: (Progress) -> Void = { _ in }, _ take: (RecordedLine) -> Void
    ) throws(ReadingError) {
        let source = try UnpackedSource(path: path)
        var lines = LineSplitter(source)
        var number = 0
        summary.files += 1
        defer { summary.bytes += lines.bytes }
        try lines.run {
            progress(Progress(file: path, bytesRead: source.file.bytesRead, size: source.file.size))
        } _: { line in
            number += 1
            if let opened = open(line, number, path) { take(opened) }
        }
        if source.isCutOff { summary.remark("\(path): the gzip file is cut off; what it holds was read") }
        if source.hasTrailingBytes { summary.remark("\(path): something that is no gzip follows; it was left out") }
    }

    /// Opens one line that comes from somewhere else, without its newline; nil if it is empty or foreign.
    package mutating func open(_ line: [UInt8], of source: String) -> RecordedLine? {
        line.withUnsafeBytes {
            open(.init(bytes: $0, isUnfinished: false, isTooLong: false), summary.lines + 1, source)
        }
    }

    /// Opens one line; nil if it is empty or foreign.
    private mutating func open(_ line: LineSplitter.Line, _ number: Int, _ path: String) -> RecordedLine? {
        guard !line.bytes.allSatisfy({ $0 == 0x20 || $0 == 0x0D }) else { return nil }
        summary.lines += 1
        var fields = LineFields()
        if !line.isTooLong {
            switch LineScanner.scan(line.bytes, words, &clients, into: &fields) {
            case .fields: break
            case .foreign: fields = LineFields()
            case .unusual: fields = LineFields(json: line.bytes, words, &clients) ?? LineFields()
            }
        }
        if let opened = fields.line {
            if opened.kind == .call { summary.captureLines += 1 } else { summary.wireLogLines += 1 }
            return opened
        }
        if line.isUnfinished, line.bytes.first == UInt8(ascii: "{") {
            summary.remark("\(path): the last line is cut off; it was left out")
        } else {
            summary.foreign(path, number, line.bytes)
        }
        return nil
    }
}
