package import Reports
internal import Text
package import WireLog

/// The lines of a text, as the reader finds them in a file.
package func read(_ text: String) throws -> (lines: [RecordedLine], summary: ReadingSummary) {
    try read(Array(text.utf8))
}

/// The lines of the bytes of a file, which may be packed.
package func read(_ bytes: [UInt8]) throws -> (lines: [RecordedLine], summary: ReadingSummary) {
    let directory = try TemporaryDirectory()
    try WholeFile.write(bytes, to: directory["log"])
    var reader = RecordingReader()
    var lines: [RecordedLine] = []
    try reader.read(directory["log"]) { lines.append($0) }
    return (lines, reader.summary)
}

/// What the pairing makes of a text.
package func exchanges(_ text: String) throws -> (all: [RecordedExchange], counts: ExchangePairing.Counts) {
    var pairing = ExchangePairing()
    var all: [RecordedExchange] = []
    for line in try read(text).lines { pairing.take(line) { all.append($0) } }
    pairing.end { all.append($0) }
    return (all, pairing.counts)
}

/// The analysis of a text.
package func analysis(_ text: String) throws -> (Analysis, ReadingSummary) {
    let (lines, summary) = try read(text)
    var analysis = Analysis()
    for line in lines { analysis.take(line) }
    analysis.end()
    return (analysis, summary)
}
