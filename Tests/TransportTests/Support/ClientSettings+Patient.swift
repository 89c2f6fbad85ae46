import Broker

extension ClientSettings {
    /// Of clients that wait for ever: on a busy machine seconds pass between two steps of a test.
    static var patient: ClientSettings {
        var settings = ClientSettings()
        settings.clientTimeout = .seconds(3600)
        settings.serialTimeout = .seconds(3600)
        return settings
    }
}
