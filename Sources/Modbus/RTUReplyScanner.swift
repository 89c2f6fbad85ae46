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
    /// The bytes of the PDU that was found last. Unless somebody keeps them, their storage serves the next one.
    private var pdu: [UInt8] = []

    /// What would let the scanner decide about the bytes that it holds.
    package private(set) var awaits: AwaitedSilence?
    /// Whether what is held may be the beginning of a reply that is expected or owed.
    package private(set) var holdsReply = false

    package init() {
    }

    /// What is looked for in the bytes of one input.
    package struct Sought {
        fileprivate var expected: ReplyShape?
        fileprivate let owed: [ReplyShape]
        fileprivate var echo: [UInt8]
        fileprivate let silence: AwaitedSilence?

        /// - Parameters:
        ///   - expected: the reply that is waited for; behind it nothing is expected any more.
        ///   - owed: the replies that may still come late, looked for after the expected one.
        ///   - echo: the own transmission, if the adapter may hear itself: its first copy is no reply.
        ///   - silence: how long the line has been silent, at least what ``awaits`` asked; nil: bytes have just come.
        package init(
            expected: ReplyShape?, owed: [ReplyShape], echo: [UInt8] = [], silence: AwaitedSilence? = nil
        ) {
            self.expected = expected
            self.owed = owed
            self.echo = echo
            self.silence = silence
        }
    }

    /// Takes bytes in; ``next(_:)`` then says what they are.
    package mutating func append(_ bytes: [UInt8]) { buffer += bytes }

    /// Finds one thing after the other in the bytes of one input.
    ///
    /// - Parameter sought: the same for the whole input.
    /// - Returns: nil: nothing more can be told of what is held.
    package mutating func next(_ sought: inout Sought) -> Finding? {
        awaits = nil
        holdsReply = false
        var noise = 0
        while noise < buffer.count {
            switch step(at: buffer[noise...], sought) {
            case .noise: noise += 1
            case .wait(let silence, let mayBeReply):
                awaits = silence
                holdsReply = mayBeReply
                return take(noise: noise)
            case .found(let kind, let length):
                // What is behind the noise is found again, at the beginning.
                return noise > 0 ? take(noise: noise) : take(kind, length, &sought)
            }
        }
        return take(noise: noise)
    }

    private mutating func take(_ kind: Kind, _ length: Int, _ sought: inout Sought) -> Finding {
        defer { buffer.removeFirst(length) }
        switch kind {
        case .reply:
            sought.expected = nil
            return .reply(frame(of: length))
        case .late(let index): return .late(frame(of: length), index: index)
        case .foreign: return .foreign(frame(of: length))
        case .echo:
            defer { sought.echo = [] }
            return .echo(sought.echo)
        }
    }

    /// The frame with which the buffer begins, which is intact.
    private mutating func frame(of length: Int) -> RTUFrame {
        pdu.removeAll(keepingCapacity: true)
        pdu += buffer[1..<length - 2]
        return RTUFrame(unit: UnitIdentifier(rawValue: buffer[0]), pdu: PDU(counted: pdu))
    }

    private mutating func take(noise count: Int) -> Finding? {
        guard count > 0 else { return nil }
        defer { buffer.removeFirst(count) }
        return .noise(Array(buffer.prefix(count)))
    }

    /// Gives up what is held, when an exchange or the line itself has ended.
    package mutating func drain() -> [UInt8] {
        awaits = nil
        holdsReply = false
        guard !buffer.isEmpty else { return [] }
        defer { buffer.removeAll() }
        return buffer
    }
}

extension RTUReplyScanner {
    /// Takes bytes in, and says at once all that can be told of what is held (``Sought``).
    package mutating func received(
        _ bytes: some Collection<UInt8>, expected: ReplyShape?, owed: [ReplyShape], echo: [UInt8] = []
    ) -> [Finding] {
        append(Array(bytes))
        return findings(Sought(expected: expected, owed: owed, echo: echo))
    }

    /// The line has been silent for as long as ``awaits`` asked, or longer.
    package mutating func silence(
        _ silence: AwaitedSilence, expected: ReplyShape?, owed: [ReplyShape], echo: [UInt8] = []
    ) -> [Finding] {
        findings(Sought(expected: expected, owed: owed, echo: echo, silence: silence))
    }

    private mutating func findings(_ sought: Sought) -> [Finding] {
        var (sought, findings) = (sought, [Finding]())
        while let finding = next(&sought) { findings.append(finding) }
        return findings
    }
}

extension RTUReplyScanner {
    private enum Kind {
        case reply, echo, foreign
        case late(index: Int)
    }

    private enum Step {
        case found(Kind, length: Int)
        case noise
        case wait(AwaitedSilence, mayBeReply: Bool)
    }

    private func step(at rest: ArraySlice<UInt8>, _ sought: Sought) -> Step {
        let silence = sought.silence
        if let step = echo(rest, sought) { return step }
        if let expected = sought.expected, let step = compare(rest, with: expected, silence, .reply) {
            return step
        }
        for (index, shape) in sought.owed.enumerated() {
            if let step = compare(rest, with: shape, silence, .late(index: index)) { return step }
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
        return rest.starts(with: sought.echo) ? .found(.echo, length: sought.echo.count) : nil
    }

    /// - Returns: nil if the bytes are no intact frame of this shape.
    private func compare(
        _ rest: ArraySlice<UInt8>, with shape: ReplyShape, _ silence: AwaitedSilence?, _ kind: Kind
    ) -> Step? {
        switch shape.match(rest) {
        case .impossible: return nil
        case .needs: return silence == .frameGap ? nil : .wait(.frameGap, mayBeReply: true)
        case .bytes(let length) where rest.count < length:
            return silence == .frameGap ? nil : .wait(.frameGap, mayBeReply: true)
        case .bytes(let length):
            return RTUFrame.isIntact(rest.prefix(length)) ? .found(kind, length: length) : nil
        case .opaque:
            guard rest.count <= RTUFrame.maximumLength else { return nil }
            guard silence != nil else { return .wait(.frameEnd, mayBeReply: true) }
            return RTUFrame.isIntact(rest) ? .found(kind, length: rest.count) : nil
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
                guard RTUFrame.isIntact(rest.prefix(length)) else { continue }
                return .found(.foreign, length: length)
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
