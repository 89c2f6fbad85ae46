package import Endpoints

/// A place where clients, or listeners to the traffic, come in.
package struct ListenerSettings: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// Modbus TCP.
        case tcp(HostPort)
        /// RTU frames in a TCP connection.
        case rtuTCP(HostPort)
        /// Modbus TCP frames in datagrams.
        case udp(HostPort)
        /// RTU frames in datagrams.
        case rtuUDP(HostPort)
        /// Modbus Security: Modbus TCP in TLS, mutually authenticated.
        case tls(HostPort)
        /// A pseudo-terminal of this name.
        case pty(String)
        /// What the wire log has, to everyone who connects.
        case sniff(HostPort)
        /// Not known yet.
        case none
    }

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

extension ListenerSettings.Kind {
    /// The key in a configuration, and the word in `status`; empty: not known yet.
    package var word: String {
        switch self {
        case .tcp: "tcp"
        case .rtuTCP: "rtu-tcp"
        case .udp: "udp"
        case .rtuUDP: "rtu-udp"
        case .tls: "tls"
        case .pty: "pty"
        case .sniff: "sniff"
        case .none: ""
        }
    }

    /// Where it listens on the network; nil: it does not.
    package var address: HostPort? {
        switch self {
        case .tcp(let address), .rtuTCP(let address), .udp(let address), .rtuUDP(let address), .tls(let address),
            .sniff(let address):
            address
        case .pty, .none: nil
        }
    }

    /// The name of a pseudo-terminal; nil: it is none.
    package var path: String? {
        if case .pty(let path) = self { path } else { nil }
    }

    /// Whether requests come in here.
    package var takesRequests: Bool {
        switch self {
        case .sniff, .none: false
        default: true
        }
    }

    /// Whether its clients speak RTU, which has no transaction identifiers.
    package var isOfRTU: Bool {
        switch self {
        case .rtuTCP, .rtuUDP, .pty: true
        case .tcp, .udp, .tls, .sniff, .none: false
        }
    }

    /// Whether it can be said by address who may write here.
    package var takesWriters: Bool {
        switch self {
        case .tcp, .rtuTCP, .udp, .rtuUDP: true
        case .tls, .pty, .sniff, .none: false
        }
    }

    /// Whether datagrams come in here, whose ports are others than those of connections.
    package var isOfDatagrams: Bool {
        switch self {
        case .udp, .rtuUDP: true
        default: false
        }
    }
}
