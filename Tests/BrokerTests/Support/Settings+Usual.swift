import Broker

extension BusSettings {
    /// Of a serial line where nothing else is said.
    static var usual: BusSettings {
        BusSettings(
            timing: LineTiming(baud: 9600, bitsPerCharacter: 10), minPeriod: .milliseconds(500),
            responseTimeout: .milliseconds(900), retries: 1)
    }
}

extension ClientSettings {
    /// Of clients where nothing else is said.
    static var usual: ClientSettings {
        ClientSettings(
            clientTimeout: .seconds(5), serialTimeout: .seconds(2),
            serialTiming: LineTiming(baud: 9600, bitsPerCharacter: 10))
    }
}
