internal import Endpoints
internal import Settings
internal import Transport

/// Words for a listener that the system refuses.
enum ListenFailure {
    /// Why it is refused, and what helps.
    static func reason(_ error: any Error, at kind: ListenerSettings.Kind) -> String {
        guard let address = kind.address else { return DialFailure.text(of: error) }
        return BindFailure.text(of: error, port: address.port, isOfDatagrams: kind.isOfDatagrams)
    }
}
