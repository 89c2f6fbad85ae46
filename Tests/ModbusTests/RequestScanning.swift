import Modbus

extension RTURequestScanner.Finding {
    var bytes: [UInt8] {
        switch self {
        case .request(let frame): frame.bytes
        case .noise(let bytes), .unconfirmedWrite(let bytes): bytes
        }
    }

    var request: RTUFrame? {
        if case .request(let frame) = self { frame } else { nil }
    }
}

extension [RTURequestScanner.Finding] {
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

    var requests: [RTUFrame] { compactMap(\.request) }
}

extension RTURequestScanner {
    /// Feeds chunks, the first behind a silence, and lets the line be silent at the end.
    mutating func scan(_ chunks: [ArraySlice<UInt8>], afterSilence: Bool = true) -> [Finding] {
        var findings: [Finding] = []
        for (index, chunk) in chunks.enumerated() {
            findings += received(chunk, afterSilence: afterSilence && index == 0)
        }
        return (findings + silenceToTheEnd()).merged
    }

    /// Lets every silence pass that the scanner waits for.
    mutating func silenceToTheEnd() -> [Finding] {
        var findings: [Finding] = []
        while let awaits { findings += silence(awaits) }
        return findings
    }
}
