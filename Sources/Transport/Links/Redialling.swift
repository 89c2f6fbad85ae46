internal import NIOCore

/// When a server is dialled again that could not be reached, or whose connection is lost (R12).
///
/// Many servers close a connection that is idle, or each one behind its reply: that is no reason to let anybody wait. A
/// server that takes connections, and then has nothing to say, is not bothered more often than one that is not there.
struct Redialling {
    private let pauseAfterUse: TimeAmount
    private var backOff = BackOff()
    private var opened = NIODeadline.distantPast
    private var isUsed = false

    /// - Parameter pauseAfterUse: before it is dialled again, if something useful came over the connection.
    init(pauseAfterUse: TimeAmount) { self.pauseAfterUse = pauseAfterUse }

    mutating func noteOpened(at now: NIODeadline) {
        opened = now
        isUsed = false
    }

    /// Something useful has come over the connection.
    mutating func noteUse() { isUsed = true }

    /// The connection is lost.
    ///
    /// - Returns: the time to wait.
    mutating func pauseAfterLoss(at now: NIODeadline) -> TimeAmount {
        let hasLasted = now - opened > BackOff.longest
        guard hasLasted || isUsed else { return backOff.next() }
        backOff.reset()
        return hasLasted ? .zero : pauseAfterUse
    }

    /// It could not be dialled.
    ///
    /// - Returns: the time to wait.
    mutating func pauseAfterFailure() -> TimeAmount { backOff.next() }
}
