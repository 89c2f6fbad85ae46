/// Reads wire logs and captures line by line: any mixture, of the prototype or ours, gzip or not, of any size.
///
/// A thread of its own reads, unpacks and opens lines a little ahead of who looks at them.
package struct RecordingReader: Sendable {
    /// How far a file has been read.
    package struct Progress: Sendable {
        package let file: String
        /// As stored, that is packed.
        package let bytesRead: Int
        /// Nil if it is not known.
        package let size: Int?
    }

    package private(set) var summary = ReadingSummary()
    private let words = RecordWords()
    private var clients = RecordedClients()
    private let lineName: String?

    /// - Parameter lineName: the line of the broker that is asked about: what tells of no line, or of another, is passed
    ///   over; nil: all.
    package init(lineName: String? = nil) {
        self.lineName = lineName
    }

    /// Reads one file, or the standard input as `-`, to its end.
    ///
    /// - Parameters:
    ///   - progress: called several times a megabyte.
    ///   - take: gets each line in order.
    /// - Throws: ``ReadingError``; what was read before has been handed over.
    package mutating func read(
        _ path: String, progress: (Progress) -> Void = { _ in }, _ take: (RecordedLine) -> Void
    ) throws(ReadingError) {
        let ahead = LinesAhead { [self] ahead in
            var reader = self
            do throws(ReadingError) {
                try reader.read(path, for: ahead)
                return LinesAhead.Ending(reader: reader, error: nil)
            } catch {
                return LinesAhead.Ending(reader: reader, error: error)
            }
        }
        while let batch = ahead.take() {
            for line in batch.lines { take(line) }
            progress(batch.progress)
        }
        guard let ending = ahead.ending else { return }
        self = ending.reader
        if let error = ending.error { throw error }
    }

    private mutating func read(_ path: String, for ahead: LinesAhead) throws(ReadingError) {
        let source = try UnpackedSource(path: path)
        var lines = LineSplitter(source)
        var number = 0
        var opened: [RecordedLine] = []
        func offer() {
            let progress = Progress(file: path, bytesRead: source.file.bytesRead, size: source.file.size)
            ahead.offer(LinesAhead.Batch(lines: opened, progress: progress))
            opened.removeAll(keepingCapacity: true)
        }
        summary.files += 1
        defer {
            summary.bytes += lines.bytes
            offer()
        }
        try lines.run(progress: offer) { line in
            number += 1
            open(line, number, path, into: &opened)
            if opened.count == LinesAhead.batchSize { offer() }
        }
        if source.isCutOff { summary.remark("\(path): the gzip file is cut off; what it holds was read") }
        if source.hasTrailingBytes { summary.remark("\(path): something that is no gzip follows; it was left out") }
    }

    /// Opens one line that comes from somewhere else, without its newline; nil if it is empty or foreign.
    package mutating func open(_ line: [UInt8], of source: String) -> RecordedLine? {
        var lines: [RecordedLine] = []
        line.withUnsafeBytes {
            open(.init(bytes: $0, isUnfinished: false, isTooLong: false), summary.lines + 1, source, into: &lines)
        }
        return lines.first
    }

    /// Opens one line, unless it is empty or foreign.
    private mutating func open(
        _ line: LineSplitter.Line, _ number: Int, _ path: String, into lines: inout [RecordedLine]
    ) {
        guard !line.bytes.allSatisfy({ $0 == 0x20 || $0 == 0x0D }) else { return }
        summary.lines += 1
        var fields = RecordFields()
        if !line.isTooLong {
            switch LineScanner.scan(line.bytes, words, &clients, into: &fields) {
            case .fields: break
            case .foreign: fields = RecordFields()
            case .unusual: fields = RecordFields(json: line.bytes, words, &clients) ?? RecordFields()
            }
        }
        if let opened = fields.line {
            if opened.kind == .call { summary.captureLines += 1 } else { summary.wireLogLines += 1 }
            if !opened.lineName.isEmpty { summary.note(line: opened.lineName) }
            if let lineName, opened.lineName != lineName { return }
            lines.append(opened)
        } else if line.isUnfinished, line.bytes.first == UInt8(ascii: "{") {
            summary.remark("\(path): the last line is cut off; it was left out")
        } else {
            summary.foreign(path, number, line.bytes)
        }
    }
}
