import Modbus

extension RTUReplyScanner.Finding {
    var bytes: [UInt8] {
        switch self {
        case .reply(let frame), .late(let frame, _), .foreign(let frame): frame.bytes
        case .echo(let bytes), .noise(let bytes): bytes
        }
    }

    var isReply: Bool {
        if case .reply = self { true } else { false }
    }
}

extension [RTUReplyScanner.Finding] {
    /// Adjacent noise in one piece: how often it is reported depends on the chunks.
    var merged: Self {
        reduce(into: []) { merged, finding in
            if case .noise(let more) = finding, case .noise(let noise) = merged.last {
                merged[merged.count - 1] = .noise(noise + more)
            } else {
                merged.append(finding)
            }
        }
    }
}

/// A scanner that waits for one reply: nothing is expected behind it.
struct ReplyReader {
    var scanner = RTUReplyScanner()
    var expected: ReplyShape?
    var owed: [ReplyShape] = []
    private(set) var findings: [RTUReplyScanner.Finding] = []

    init(expected: ReplyShape?, owed: [ReplyShape] = []) {
        (self.expected, self.owed) = (expected, owed)
    }

    mutating func receive(_ bytes: some Collection<UInt8>) {
        note(scanner.received(bytes, expected: expected, owed: owed))
    }

    mutating func silence(_ silence: AwaitedSilence) {
        note(scanner.silence(silence, expected: expected, owed: owed))
    }

    private mutating func note(_ more: [RTUReplyScanner.Finding]) {
        findings = (findings + more).merged
        if more.contains(where: \.isReply) { expected = nil }
    }

    /// Lets every silence pass that the scanner waits for.
    mutating func silenceToTheEnd() {
        while let awaits = scanner.awaits { silence(awaits) }
    }

    /// What is found in chunks that are followed by silence.
    static func read(
        _ chunks: [ArraySlice<UInt8>], expected: ReplyShape?, owed: [ReplyShape] = []
    ) -> [RTUReplyScanner.Finding] {
        var reader = ReplyReader(expected: expected, owed: owed)
        for chunk in chunks { reader.receive(chunk) }
        reader.silenceToTheEnd()
        return reader.findings
    }
}
