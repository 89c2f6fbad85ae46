internal import Modbus
internal import WireLog

/// What DROP lines hold: bytes that were delivered to nobody.
package struct DroppedBytes: Sendable {
    /// Lines.
    package private(set) var chunks = 0
    package private(set) var bytes = 0
    /// Whole requests with a right CRC in what clients sent.
    package private(set) var requests = 0
    /// Chunks with two or more of them.
    package private(set) var chunksOfGlued = 0
    /// Chunks of clients with bytes that belong to no request.
    package private(set) var noisyChunks = 0
    /// Those bytes.
    package private(set) var noiseBytes = 0
    /// Chunks by reason; bounded.
    package private(set) var reasons: [String: Int] = [:]

    mutating func add(_ line: RecordedLine) {
        chunks += 1
        bytes += line.bytes.count
        if reasons[line.reason] != nil || reasons.count < 50 { reasons[line.reason, default: 0] += 1 }
        guard line.client != nil else { return }
        var (found, noise) = (0, 0)
        for finding in Self.findings(in: line.bytes) {
            switch finding {
            case .request, .unconfirmedWrite: found += 1
            case .noise(let bytes): noise += bytes.count
            }
        }
        requests += found
        noiseBytes += noise
        if noise > 0 { noisyChunks += 1 }
        if found > 1 { chunksOfGlued += 1 }
    }

    private static func findings(in bytes: [UInt8]) -> [RTURequestScanner.Finding] {
        var scanner = RTURequestScanner()
        var findings = scanner.received(bytes, afterSilence: true)
        while let silence = scanner.awaits { findings += scanner.silence(silence) }
        return findings
    }
}
