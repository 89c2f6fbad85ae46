package import Endpoints

/// A place where clients, or listeners to the traffic, come in.
package struct ListenerSettings: Hashable, Sendable {
    package var kind: Kind
    /// The only line that is reached here, with its units' own numbers; nil: every line, by the numbers of `units`.
    package var line: String?
    /// Whether writes are refused here; `clients.read-only` refuses them everywhere. Default false.
    package var isReadOnly = false
    /// The registers that clients may read here, beside the rules of the lines; default nil: all.
    package var reads: ReadsSettings?
    /// Whose writes are executed here; default empty: as ``ClientsSettings/writers`` says.
    package var writers: [Writer] = []
    /// Which addresses may come in here, besides the rules of `clients`; default empty: all.
    package var allow: [NetworkBlock] = []
    /// Which may not; beats ``allow``.
    package var deny: [NetworkBlock] = []
    /// When its clients give up; default nil: as ``ClientsSettings/timeout``.
    package var timeout: Duration?
    /// Whether a client gets only the answer to its newest transaction identifier (R8); default false.
    package var isNewestOnly = false
    /// What an RTU client gets if the unit does not answer (R10); default silence.
    package var noAnswer = NoAnswer.silence
    /// Of a pseudo-terminal.
    package var node = NodeSettings()
    /// Of ``Kind/tls(_:)``.
    package var tls = TLSSettings()

    package init(kind: Kind) {
        self.kind = kind
    }
}

/// What an RTU client gets if the unit does not answer.
package enum NoAnswer: String, CaseIterable, Hashable, Sendable {
    case silence
    /// 0x0B, within its timeout.
    case exception
}
