import Transport

extension CarrierEvent {
    /// In a few words, as benches keep it; nil: what a peer says.
    var text: String? {
        switch self {
        case .opened: "opened"
        case .lost(let reason): "lost: \(reason)"
        case .replaced(let reason): "replaced: \(reason)"
        case .notOpened(let reason): "not opened: \(reason)"
        case .said: nil
        }
    }
}
