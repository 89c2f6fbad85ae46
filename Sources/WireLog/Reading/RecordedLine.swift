package import Modbus

/// One line of a wire log or a capture, opened.
package struct RecordedLine: Sendable {
    package enum Kind: Sendable {
        case request, reply, drop, warning, system
        /// Bytes of a passthrough, which are no requests and replies.
        case raw
        /// A capture's line: request and reply at once.
        case call
    }

    package var kind: Kind
    /// Since 1970 for lines with `t` and for captures; otherwise on the civil time line of `ts`, which has no offset.
    package var microseconds: Int64
    /// What a clock on the wall of the place showed, on the civil time line.
    package var wallMicroseconds: Int64
    /// Who asked, or is answered.
    package var client: RecordedClient?
    /// `hex`: the frame, or what was dropped. Of a call: the reply's PDU, empty if there is none.
    package var bytes: [UInt8] = []
    /// A call's request; of all others only where `hex` is empty and the line names them.
    package var unit: UnitIdentifier?
    package var function: FunctionCode?
    package var request: PDU?

    package var event: WireLogEvent?
    /// Why bytes were dropped; empty if the line does not tell.
    package var reason = ""
    /// Only in our own logs.
    package var outcome: WireLogOutcome?
    package var isFromBroker = false
    /// Of which line of the broker it tells; empty: there was only one, or it tells of none.
    package var lineName = ""
    package var hasError = false
    /// In microseconds.
    package var busTime: Int64?
    /// In microseconds.
    package var waitingTime: Int64?
    package var lost = 0
    package var baud: Int?
    /// Bits of a character on the line, start and stop bit included.
    package var characterBits: Int?

    package init(_ kind: Kind, microseconds: Int64, wallMicroseconds: Int64) {
        self.kind = kind
        self.microseconds = microseconds
        self.wallMicroseconds = wallMicroseconds
    }
}
