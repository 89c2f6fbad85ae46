/// Finds requests in the bytes of a serial client: glued, cut at any byte, or behind noise (R2, R6).
///
/// A request is found by its own length and CRC. After noise a read counts at once, for a wrong one would do no harm; a
/// write counts only behind a silence or a valid frame. A function of unknown layout counts only between two silences.
/// Holds at most one frame (256 bytes) between calls.
package struct RTURequestScanner: Sendable {
    /// What bytes turned out to be. No byte is in two findings.
    package enum Finding: Hashable, Sendable {
        case request(RTUFrame)
        /// Bytes that belong to no request.
        case noise([UInt8])
        /// An intact write directly behind noise: it may be a chance find, and is not executed.
        case unconfirmedWrite([UInt8])
    }

    private var buffer: [UInt8] = []
    /// Offsets in `buffer` before which the line was silent, ascending.
    private var silences: [Int] = []
    /// Whether a silence or a valid frame precedes the first byte of `buffer`.
    private var isConfirmed: Bool

    /// What would let the scanner decide about the bytes that it holds.
    package private(set) var awaits: AwaitedSilence?

    /// - Parameter isConfirmed: false if the first bytes may be the rest of something that was no request.
    package init(isConfirmed: Bool = true) {
        self.isConfirmed = isConfirmed
    }

    /// Takes bytes in.
    ///
    /// - Parameter afterSilence: whether the line was silent before them for as long as ``AwaitedSilence/frameEnd``.
    package mutating func received(_ bytes: some Collection<UInt8>, afterSilence: Bool) -> [Finding] {
        if afterSilence { silences.append(buffer.count) }
        buffer.append(contentsOf: bytes)
        return scan(lineIsSilent: nil)
    }

    /// The line has been silent for as long as ``awaits`` asked, or longer.
    package mutating func silence(_ silence: AwaitedSilence) -> [Finding] {
        scan(lineIsSilent: silence)
    }

    /// Gives up what is held: the port is gone.
    package mutating func drain() -> [UInt8] {
        defer { self = RTURequestScanner() }
        return buffer
    }

    private mutating func scan(lineIsSilent silence: AwaitedSilence?) -> [Finding] {
        var findings: [Finding] = []
        var noise: [UInt8] = []
        var offset = 0
        awaits = nil
        while offset < buffer.count, awaits == nil {
            if silences.contains(offset) { isConfirmed = true }
            let step = step(at: offset, lineIsSilent: silence)
            if case .noise = step {
                noise.append(buffer[offset])
            } else if !noise.isEmpty, step.consumes {
                findings.append(.noise(noise))
                noise = []
            }
            offset += apply(step, &findings)
        }
        if !noise.isEmpty { findings.append(.noise(noise)) }
        buffer.removeFirst(offset)
        silences = silences.compactMap { $0 >= offset ? $0 - offset : nil }
        return findings
    }

    private enum Step {
        case found(RTUFrame, length: Int)
        case unconfirmed([UInt8])
        case noise
        case wait(AwaitedSilence)

        var consumes: Bool {
            if case .wait = self { false } else { true }
        }
    }

    private func step(at offset: Int, lineIsSilent silence: AwaitedSilence?) -> Step {
        let rest = buffer[offset...]
        switch FrameLength(ofRequest: rest) {
        case .impossible: return .noise
        case .needs: return silence == .frameGap ? .noise : .wait(.frameGap)
        case .bytes(let length) where rest.count < length:
            return silence == .frameGap ? .noise : .wait(.frameGap)
        case .bytes(let length):
            let bytes = rest.prefix(length)
            guard let frame = RTUFrame(bytes) else { return .noise }
            guard isConfirmed || frame.pdu.function.isRead else { return .unconfirmed(Array(bytes)) }
            return .found(frame, length: length)
        case .opaque:
            let end = silences.first { $0 > offset }
            let bytes = buffer[offset..<(end ?? buffer.count)]
            guard isConfirmed, bytes.count <= RTUFrame.maximumLength else { return .noise }
            guard end != nil || silence != nil else { return .wait(.frameEnd) }
            return RTUFrame(bytes).map { .found($0, length: bytes.count) } ?? .noise
        }
    }

    /// - Returns: the number of bytes that the step takes.
    private mutating func apply(_ step: Step, _ findings: inout [Finding]) -> Int {
        switch step {
        case .found(let frame, let length):
            findings.append(.request(frame))
            isConfirmed = true
            return length
        case .unconfirmed(let bytes):
            findings.append(.unconfirmedWrite(bytes))
            return bytes.count
        case .noise:
            isConfirmed = false
            return 1
        case .wait(let silence):
            awaits = silence
            return 0
        }
    }
}
