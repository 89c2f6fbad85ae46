internal import Modbus

extension BusMachine {
    mutating func received(_ bytes: [UInt8], at now: Instant) {
        guard isOpen else { return }
        if loan == .begun { return receivedForBorrower(bytes, at: now) }
        guard let expected = attempt?.shape else {
            receivedWhileIdle(bytes, at: now)
            return
        }
        pacing.noteTraffic(at: now)
        echo.noteBytes()
        attempt?.lastByte = now
        receivedReply.append(bytes)
        scanner.append(bytes)
        scan(for: expected, at: now)
    }

    private mutating func receivedWhileIdle(_ bytes: [UInt8], at now: Instant) {
        // While a late reply is owed, what comes is part of it, whole or damaged.
        if debts.isEmpty { pacing.noteNoise(at: now) } else { pacing.noteTraffic(at: now) }
        scanner.append(bytes)
        scan(for: nil, at: now)
    }

    /// The line has been silent for as long as the bytes that are held asked for.
    mutating func noteSilence(_ silence: AwaitedSilence, at now: Instant) {
        scan(for: attempt?.shape, after: silence, at: now)
    }

    /// - Parameter silence: how long the line has been silent; nil: bytes have just come.
    private mutating func scan(for expected: ReplyShape?, after silence: AwaitedSilence? = nil, at now: Instant) {
        let owed = debts.shapes
        var sought = RTUReplyScanner.Sought(expected: expected, owed: owed, echo: echo.awaited, silence: silence)
        while let finding = scanner.next(&sought) {
            switch finding {
            case .reply(let frame): noteReply(frame, at: now)
            case .late(let frame, let index): noteLate(frame, owed[index], at: now)
            case .echo(let bytes): noteEcho(bytes)
            case .foreign(let frame): noteForeign(frame, at: now)
            case .noise(let bytes): discard(bytes, .noise)
            }
        }
    }

    private mutating func noteReply(_ frame: RTUFrame, at now: Instant) {
        guard attempt != nil else { return }
        lastFrame = frame
        if frame.pdu.function.isException, mayOweException {
            // Nobody knows whose it is. If it is this one's, it is asked again, or answered by its timeout.
            discard(frame.bytes, .late)
        } else {
            succeed(with: frame, at: now)
        }
    }

    private mutating func noteLate(_ frame: RTUFrame, _ shape: ReplyShape, at now: Instant) {
        pacing.noteTraffic(at: now)
        isUseful = true
        // A unit that says the same twice may repeat itself: the one that is owed may still come.
        if frame != lastFrame { debts.settle(shape) }
        lastFrame = frame
        noteSign(of: frame.unit, at: now)
        discard(frame.bytes, .late)
    }

    private mutating func noteEcho(_ bytes: [UInt8]) {
        if echo.noteEcho() { report(.line(.echoDetected)) }
        if attempt != nil { receivedReply.forget(upTo: bytes) }
        discard(bytes, .echo)
    }

    private mutating func noteForeign(_ frame: RTUFrame, at now: Instant) {
        pacing.noteTraffic(at: now)
        if let attempt, attempt.query.isRead, attempt.frame == frame.bytes {
            // The own request: the adapter hears itself after all.
            noteEcho(frame.bytes)
        } else {
            discard(frame.bytes, .foreign)
        }
    }
}
