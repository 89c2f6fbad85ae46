/// Finds the reply that is expected among everything else that comes from a line (R2, R3, R4).
///
/// At each byte in turn: the expected reply, a late reply that somebody is still owed, a foreign frame, or noise of one
/// byte. A frame that has begun is waited for until the line is silent for too long; what follows it is looked at only
/// then, so that nothing is ever taken out of the middle of another frame.
/// Holds at most one frame (256 bytes) between calls.
package struct RTUReplyScanner: Sendable {
    /// What bytes turned out to be. No byte is in two findings.
    package enum Finding: Hashable, Sendable {
        /// The reply that was expected.
        case reply(RTUFrame)
        /// The reply to the owed request at this index.
        case late(RTUFrame, index: Int)
        /// What the adapter heard of the own transmission (R16).
        case echo([UInt8])
        /// An intact frame that nobody asked for: another client on the line, or a reply too late to be known.
        case foreign(RTUFrame)
        /// Bytes that belong to no frame.
        case noise([UInt8])
    }

    private var buffer: [UInt8] = []

    /// What would let the scanner decide about the bytes that it holds.
    package private(set) var awaits: AwaitedSilence?
    /// Whether what is held may be the beginning of a reply that is expected or owed.
    package private(set) var holdsReply = false

    package init() {
    }

    /// Takes bytes in.
    ///
    /// - Parameters:
    ///   - expected: the reply that is waited for; behind it nothing is expected any more.
    ///   - owed: the replies that may still come late, looked for after the expected one.
    ///   - echo: the own transmission, if the adapter may hear itself: its first copy is no reply.
    package mutating func received(
        _ bytes: some Collection<UInt8>, expected: ReplyShape?, owed: [ReplyShape], echo: [UInt8] = []
    ) -> [Finding] {
        buffer.append(contentsOf: bytes)
        return scan(Sought(expected: expected, owed: owed, echo: echo, silence: nil))
    }

    /// The line has been silent for as long as ``awaits`` asked, or longer.
    package mutating func silence(
        _ silence: AwaitedSilence, expected: ReplyShape?, owed: [ReplyShape], echo: [UInt8] = []
    ) -> [Finding] {
        scan(Sought(expected: expected, owed: owed, echo: echo, silence: silence))
    }

    /// Gives up what is held, when an exchange or the line itself has ended.
    package mutating func drain() -> [UInt8] {
        awaits = nil
        holdsReply = false
        defer { buffer.removeAll(keepingCapacity: true) }
        return buffer
    }

    private struct Sought {
        var expected: ReplyShape?
        let owed: [ReplyShape]
        var echo: [UInt8]
        /// How long the line has been silent; nil: bytes have just come.
        let silence: AwaitedSilence?
    }

    private mutating func scan(_ sought: Sought) -> [Finding] {
        var findings: [Finding] = []
        var noise: [UInt8] = []
        var sought = sought
        var offset = 0
        awaits = nil
        holdsReply = false
        while offset < buffer.count {
            let step = step(at: buffer[offset...], sought)
            switch step {
            case .noise:
                noise.append(buffer[offset])
                offset += 1
                continue
            case .wait(let silence, let mayBeReply):
                awaits = silence
                holdsReply = mayBeReply
            case .found(let finding, let length):
                if !noise.isEmpty { findings.append(.noise(noise)) }
                noise = []
                findings.append(finding)
                offset += length
                if case .reply = finding { sought.expected = nil }
                if case .echo = finding { sought.echo = [] }
            }
            if awaits != nil { break }
        }
        if !noise.isEmpty { findings.append(.noise(noise)) }
        buffer.removeFirst(offset)
        return findings
    }
}

extension RTUReplyScanner {
    private enum Step {
        case found(Finding, length: Int)
        case noise
        case wait(AwaitedSilence, mayBeReply: Bool)
    }

    private func step(at rest: ArraySlice<UInt8>, _ sought: Sought) -> Step {
        let silence = sought.silence
        if let step = echo(rest, sought) { return step }
        if let expected = sought.expected, let step = compare(rest, with: expected, silence, { .reply($0) }) {
            return step
        }
        for (index, shape) in sought.owed.enumerated() {
            if let step = compare(rest, with: shape, silence, { .late($0, index: index) }) { return step }
        }
        return unexpected(rest, sought.expected, silence)
    }

    /// - Returns: nil if the bytes are not the own transmission.
    private func echo(_ rest: ArraySlice<UInt8>, _ sought: Sought) -> Step? {
        guard !sought.echo.isEmpty else { return nil }
        if rest.count < sought.echo.count {
            let mayCome = sought.silence != .frameGap && sought.echo.starts(with: rest)
            return mayCome ? .wait(.frameGap, mayBeReply: true) : nil
        }
        return rest.starts(with: sought.echo) ? .found(.echo(sought.echo), length: sought.echo.count) : nil
    }

    /// - Returns: nil if the bytes are no intact frame of this shape.
    private func compare(
        _ rest: ArraySlice<UInt8>, with shape: ReplyShape, _ silence: AwaitedSilence?,
        _ finding: (RTUFrame) -> Finding
    ) -> Step? {
        switch shape.match(rest) {
        case .impossible: return nil
        case .needs: return silence == .frameGap ? nil : .wait(.frameGap, mayBeReply: true)
        case .bytes(let length) where rest.count < length:
            return silence == .frameGap ? nil : .wait(.frameGap, mayBeReply: true)
        case .bytes(let length):
            return RTUFrame(rest.prefix(length)).map { .found(finding($0), length: length) }
        case .opaque:
            guard rest.count <= RTUFrame.maximumLength else { return nil }
            guard silence != nil else { return .wait(.frameEnd, mayBeReply: true) }
            return RTUFrame(rest).map { .found(finding($0), length: rest.count) }
        }
    }

    /// A frame that nobody asked for: another client's request, or somebody's reply. While it may still become either,
    /// more bytes are waited for, so that what is found does not depend on how the bytes are cut; but a byte of noise
    /// that looks like its beginning does not hold up the expected reply.
    private func unexpected(_ rest: ArraySlice<UInt8>, _ expected: ReplyShape?, _ silence: AwaitedSilence?) -> Step {
        var isComplete = true
        for length in [FrameLength(ofRequest: rest), FrameLength(ofUnexpectedReply: rest)] {
            switch length {
            case .bytes(let length) where rest.count >= length:
                guard let frame = RTUFrame(rest.prefix(length)) else { continue }
                return .found(.foreign(frame), length: length)
            case .bytes, .needs: isComplete = false
            case .opaque, .impossible: continue
            }
        }
        if isComplete || silence == .frameGap { return .noise }
        return expected.map { ends(rest, with: $0) } ?? false ? .noise : .wait(.frameGap, mayBeReply: false)
    }

    /// Whether what has come ends with the intact expected reply: an accident in 2⁴⁰.
    private func ends(_ rest: ArraySlice<UInt8>, with expected: ReplyShape) -> Bool {
        [expected.length, 5].contains { length in
            guard let length, rest.count > length else { return false }
            let tail = rest.suffix(length)
            return expected.match(tail) == .bytes(length) && RTUFrame.isIntact(tail)
        }
    }
}
