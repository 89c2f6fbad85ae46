internal import Modbus

/// A connection where the dongle is another one, which has asked nothing yet. Holds at most one frame of what it has sent.
struct Newcomer: Sendable {
    enum Finding {
        /// It may still ask.
        case nothing
        /// What it has sent, from a whole request on.
        case request([UInt8])
        /// It has sent too much that is none.
        case noise
    }

    let connection: DialledDongle.Connection
    let came: Instant
    private let timing = LineTiming.rtuOverTCP
    private var scanner = RTURequestScanner()
    private var lastByte = Instant.distantPast
    private var noise = StreamNoise()

    init(_ connection: DialledDongle.Connection, at now: Instant) {
        self.connection = connection
        came = now
    }

    /// Bytes have come.
    mutating func received(_ bytes: [UInt8], at now: Instant) -> Finding {
        var older: [RTURequestScanner.Finding] = []
        if let awaits = scanner.awaits, lastByte + timing.length(of: awaits) <= now { older = scanner.silence(awaits) }
        let findings = scanner.received(bytes, afterSilence: lastByte + timing.frameEnd <= now)
        lastByte = now
        // What was asked before a silence shows who it is, and is too old to be answered.
        let first = older.contains(where: isKnownRequest) ? 0 : findings.firstIndex(where: isKnownRequest)
        guard let first else {
            noise.add(bytes.count)
            return noise.isTooMuch ? .noise : .nothing
        }
        return .request(findings[first...].flatMap(\.bytes) + scanner.drain())
    }

    /// Of a function whose requests can be told from anything else that ends in an intact CRC.
    private func isKnownRequest(_ finding: RTURequestScanner.Finding) -> Bool {
        guard case .request(let frame) = finding else { return false }
        return frame.pdu.function.shape != .opaque
    }
}

extension RTURequestScanner.Finding {
    fileprivate var bytes: [UInt8] {
        switch self {
        case .request(let frame): frame.bytes
        case .noise(let bytes), .unconfirmedWrite(let bytes): bytes
        }
    }
}
