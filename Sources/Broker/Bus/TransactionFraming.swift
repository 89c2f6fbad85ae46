package import Modbus

/// Lets a ``Bus`` ask a Modbus TCP server: its frames get transaction identifiers, and only the reply to the newest one
/// comes back (R3, R4).
///
/// Identifiers go on counting over connections, so that a reply is known for late whenever it comes.
package struct TransactionFraming {
    package enum Finding: Hashable, Sendable {
        /// The reply, as the bus expects it from a line.
        case reply([UInt8])
        /// The reply to a request that had been given up, or was answered already.
        case late([UInt8])
        /// The reply to nothing that was asked, or none that fits.
        case foreign([UInt8])
        /// A frame that does not fit the last request, where identifiers are ignored: the bus judges it, as on RTU (R3, R4).
        case unnumbered([UInt8])
    }

    /// How long ago, in requests, a late reply may have been asked for.
    private static let remembered: UInt16 = 1024

    private let ignoresIdentifiers: Bool
    private var transaction: UInt16 = 0
    /// How many identifiers were sent, up to ``remembered``: a late reply is one to a number that was sent.
    private var sent: UInt16 = 0
    private var awaited: ReplyShape?

    /// - Parameter ignoresIdentifiers: whether the server does not copy identifiers, and the bus keeps debts instead.
    package init(ignoresIdentifiers: Bool = false) {
        self.ignoresIdentifiers = ignoresIdentifiers
    }

    /// The request of a whole RTU frame; what was asked before is not waited for any more.
    package mutating func request(_ bytes: [UInt8]) -> TCPFrame {
        guard let frame = RTUFrame(bytes) else { preconditionFailure("a bus transmits whole frames") }
        transaction &+= 1
        sent = min(sent + 1, Self.remembered)
        awaited = ReplyShape(unit: frame.unit, request: frame.pdu)
        return TCPFrame(transaction: transaction, unit: frame.unit, pdu: frame.pdu)
    }

    /// Says what a frame is that has come.
    package mutating func received(_ frame: TCPFrame) -> Finding {
        let bytes = RTUFrame(unit: frame.unit, pdu: frame.pdu).bytes
        guard frame.transaction == transaction || ignoresIdentifiers, let awaited else {
            if ignoresIdentifiers { return .unnumbered(bytes) }
            return transaction &- frame.transaction < sent ? .late(bytes) : .foreign(bytes)
        }
        switch awaited.match(bytes.dropLast(2)) {
        case .bytes(bytes.count), .opaque:
            self.awaited = nil
            return .reply(bytes)
        default: return ignoresIdentifiers ? .unnumbered(bytes) : .foreign(bytes)
        }
    }
}
