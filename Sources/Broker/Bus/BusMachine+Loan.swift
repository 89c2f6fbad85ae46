internal import Modbus

/// What the borrower of a line is told.
package enum LoanEvent: Hashable, Sendable {
    /// The line is the borrower's: nobody else transmits on it.
    case begun
    /// Bytes have come from the line.
    case received([UInt8])
}

/// The line in other hands: a firmware update through the dongle.
extension BusMachine {
    enum Loan: Hashable {
        case none
        /// Queries are refused already, but a reply may still come to what was sent before.
        case promised
        case begun
    }

    mutating func lend(at now: Instant) {
        guard loan == .none else { return }
        loan = .promised
        completeWaiting(.lent, at: now)
    }

    /// A late reply would be taken for a part of what the borrower waits for: it gets the line when none is owed.
    mutating func beginLoan(at now: Instant) {
        guard loan == .promised, case .idle = phase, debts.isEmpty, now >= pacing.nextRetry else { return }
        discard(scanner.drain(), .noise)
        loan = .begun
        lentUntil = now
        effects.append(.lent(.begun))
    }

    /// When ``beginLoan(at:)`` may have something to do.
    var nextLoan: Instant {
        guard loan == .promised, isQuiet else { return .distantFuture }
        return debts.nextExpiry ?? pacing.nextRetry
    }

    mutating func receivedForBorrower(_ bytes: [UInt8], at now: Instant) {
        pacing.noteTraffic(at: now)
        // Bytes behind those of the borrower are mostly their answer; no scanner looks into them.
        if lentUntil > lastClosed { isUseful = true }
        effects.append(.lent(.received(bytes)))
    }

    /// - Returns: whether they go to the line.
    mutating func transmit(lent bytes: [UInt8], at now: Instant) -> Bool {
        guard loan == .begun, isOpen else { return false }
        lentUntil = max(now, lentUntil) + settings.timing.transmissionTime(of: bytes.count)
        pacing.noteTraffic(at: lentUntil)
        transmission = bytes
        return true
    }

    mutating func takeBack() {
        defer { loan = .none }
        guard loan == .begun else { return }
        // Whatever the borrower did, nothing is known of the adapter's echo any more.
        echo.reset()
        lastFrame = nil
        // The borrower's last bytes may have been a request (R1).
        turnAround(until: lentUntil + settings.responseTimeout)
    }
}
