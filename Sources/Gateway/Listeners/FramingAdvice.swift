internal import Modbus
internal import Settings

/// Advice about a client that sends RTU to a Modbus TCP listener, or the other way round.
enum FramingAdvice {
    /// One line; nil: the client's first bytes show no other framing.
    ///
    /// - Parameter host: of the client.
    static func text(_ bytes: [UInt8], from host: String, at kind: ListenerSettings.Kind) -> String? {
        guard let hasTransactions = kind.hasTransactions, let right = kind.listenerOfOtherFraming,
            ForeignSpeech(
                fromClient: bytes, hasTransactions: hasTransactions) != nil
        else { return nil }
        let (sent, awaited) = hasTransactions ? ("RTU frames", "Modbus TCP") : ("Modbus TCP", "RTU frames")
        return
            "\(kind.text): \(host) sends \(sent), and this listener takes \(awaited): set the client to \(awaited), or give it a listener for \(sent) (\(right))"
    }
}

extension ListenerSettings.Kind {
    /// Whether its clients speak Modbus TCP; nil: it has no network clients.
    fileprivate var hasTransactions: Bool? {
        switch self {
        case .tcp, .tls, .udp: true
        case .rtuTCP, .rtuUDP: false
        case .pty, .sniff, .none: nil
        }
    }

    /// The flag of the listener for clients of the other framing.
    fileprivate var listenerOfOtherFraming: String? {
        switch self {
        case .tcp, .tls: "--rtu-tcp HOST:PORT"
        case .udp: "--rtu-udp HOST:PORT"
        case .rtuTCP: "--tcp HOST:PORT"
        case .rtuUDP: "--udp HOST:PORT"
        case .pty, .sniff, .none: nil
        }
    }
}
