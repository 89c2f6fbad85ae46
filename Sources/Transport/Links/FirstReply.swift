internal import Modbus

/// Finds out whether a serial server has carried a reply to what was asked since it was dialled; what comes after that is
/// not looked at.
struct FirstReply {
    private var scanner: RTUReplyScanner
    private var awaited: ReplyShape?
    private var hasCome = false

    init() {
        scanner = RTUReplyScanner()
    }

    /// Bytes leave; other ones than a whole request are answered with nothing that is known.
    mutating func asked(_ bytes: [UInt8]) {
        guard !hasCome else { return }
        awaited = RTUFrame(bytes).map { ReplyShape(unit: $0.unit, request: $0.pdu) }
        _ = scanner.drain()
    }

    /// - Returns: whether this is, or completes, the first reply.
    mutating func isCompleted(by bytes: [UInt8]) -> Bool {
        guard !hasCome, let awaited else { return false }
        hasCome = scanner.received(bytes, expected: awaited, owed: []).contains {
            if case .reply = $0 { true } else { false }
        }
        return hasCome
    }
}
