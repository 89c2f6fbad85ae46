/// What is told about a connection that is made again after every loss (R12).
package enum ConnectionEvent: Sendable {
    case opened
    /// It was open, and is not any more.
    case lost(reason: String)
    /// It could not be opened, said once for each different reason; or, where nothing tells whether anybody is there,
    /// nobody is, said once a minute.
    case notOpened(reason: String)
    /// The first bytes until a fitting frame comes; each event has all of them so far, at most ``ForeignSpeech/mostBytes``.
    case said([UInt8])
}
