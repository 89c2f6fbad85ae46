import Broker

extension ClientSettings {
    /// Of clients that wait for ever: on a busy machine seconds pass between two steps of a test.
    static var patient: ClientSettings {
        ClientSettings(
            clientTimeout: .seconds(3600), serialTimeout: .seconds(3600),
            serialTiming: LineTiming(baud: 9600, bitsPerCharacter: 10))
    }
}
