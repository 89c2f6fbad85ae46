internal import Modbus

extension BusMachine {
    mutating func received(_ bytes: [UInt8], at now: Instant) {
        guard isOpen else { return }
        guard case .onLine(var attempt) = phase else {
            // While a late reply is owed, what comes is part of it, whole or damaged.
            if debts.isEmpty { pacing.noteNoise(at: now) } else { pacing.noteTraffic(at: now) }
            receivedWhileIdle(echo.received(bytes).rest, at: now)
            return
        }
        pacing.noteTraffic(at: now)
        let wasPresent = echo.knowledge == .present
        let (rest, hasTakenEcho) = echo.received(bytes)
        if hasTakenEcho, !wasPresent { report(.line(.echoDetected)) }
        attempt.received(rest, at: now)
        phase = .onLine(attempt)
        if !rest.isEmpty { scan(rest, for: attempt, at: now) }
    }

    private mutating func receivedWhileIdle(_ bytes: [UInt8], at now: Instant) {
        let owed = debts.shapes
        for finding in scanner.received(bytes, expected: nil, owed: owed) { note(finding, owed, at: now) }
    }

    private mutating func scan(_ bytes: [UInt8], for attempt: Attempt, at now: Instant) {
        let owed = debts.shapes
        handle(scanner.received(bytes, expected: attempt.shape, owed: owed), for: attempt, owed, at: now)
    }

    /// The line has been silent for as long as the bytes that are held asked for.
    mutating func noteSilence(_ silence: AwaitedSilence, for attempt: Attempt, at now: Instant) {
        let owed = debts.shapes
        if echo.isHolding {
            let held = echo.release()
            handle(scanner.received(held, expected: attempt.shape, owed: owed), for: attempt, owed, at: now)
        }
        guard case .onLine = phase else { return }
        let stillOwed = debts.shapes
        let findings = scanner.silence(silence, expected: attempt.shape, owed: stillOwed)
        handle(findings, for: attempt, stillOwed, at: now)
    }

    /// Forgets a frame that has begun to come and will not end, while nothing is asked.
    mutating func noteIdleSilence(_ silence: AwaitedSilence, at now: Instant) {
        let owed = debts.shapes
        for finding in scanner.silence(silence, expected: nil, owed: owed) { note(finding, owed, at: now) }
    }

    private mutating func handle(
        _ findings: [RTUReplyScanner.Finding], for attempt: Attempt, _ owed: [ReplyShape], at now: Instant
    ) {
        for finding in findings {
            if case .reply(let frame) = finding {
                succeed(attempt, with: frame, at: now)
            } else {
                note(finding, owed, at: now)
            }
        }
    }

    private mutating func note(_ finding: RTUReplyScanner.Finding, _ owed: [ReplyShape], at now: Instant) {
        switch finding {
        case .reply(let frame), .foreign(let frame):
            pacing.noteTraffic(at: now)
            discard(frame.bytes, .foreign)
        case .late(let frame, let index):
            pacing.noteTraffic(at: now)
            debts.settle(owed[index])
            discard(frame.bytes, .late)
        case .noise(let bytes): discard(bytes, .noise)
        }
    }
}
