internal import Transport

/// Reports to the operator what a server sends in place of Modbus (``ServerWords``), once a connection.
///
/// Does not change what goes to the line. On the event loop only.
final class ServerSpeech {
    private let place: String
    private let peer: ServerWords.Peer
    private let notices: RepeatLog
    private var isTold = false

    /// - Parameters:
    ///   - name: of the port in messages.
    ///   - peer: the expected one.
    init(of name: String, _ port: Port, _ peer: ServerWords.Peer, _ notices: RepeatLog) {
        place = "\(name): \(port.name)"
        self.peer = peer
        self.notices = notices
    }

    func note(_ event: CarrierEvent) {
        switch event {
        case .opened, .replaced: isTold = false
        case .said(let bytes):
            guard !isTold, let meaning = ServerWords.meaning(of: bytes, from: peer) else { return }
            isTold = true
            notices.note("\(place): \(meaning)")
        case .lost, .notOpened: break
        }
    }
}
