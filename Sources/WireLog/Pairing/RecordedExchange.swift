package import Modbus

/// One request of a recording and what became of it.
package struct RecordedExchange: Sendable {
    package let client: RecordedClient
    /// When it was asked; see ``RecordedLine/microseconds``.
    package let microseconds: Int64
    /// The same on the clock on the wall.
    package let wallMicroseconds: Int64
    package let unit: UnitIdentifier
    package let request: PDU
    /// What came from the unit, also if the client did not get it; nil: nothing, or an exception of the broker.
    package var reply: PDU?
    /// Who answered: for a request to unit 0 some other unit.
    package var answeringUnit: UnitIdentifier?
    /// Nil if the recording does not tell the end.
    package var outcome: WireLogOutcome?
    /// From request to end in microseconds; nil if the recording does not tell.
    package var duration: Int64?
    /// From sending to the end of the reply, in microseconds. Where a log does not tell it, the same as `duration`.
    package var replyTime: Int64?
    /// Before it was sent, in microseconds.
    package var waitingTime: Int64?

    /// Of a reply that is one.
    package var exceptionCode: ExceptionCode? { reply?.exceptionCode }
}
