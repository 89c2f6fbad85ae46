/// How frames stand in what is sent to units, and comes from clients.
package enum Framing: Hashable, Sendable {
    /// As on a line: unit, PDU and CRC.
    case rtu
    /// As in Modbus TCP: a header with a transaction identifier, unit and PDU.
    case mbap
}
