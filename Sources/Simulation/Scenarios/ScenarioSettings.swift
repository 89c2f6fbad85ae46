internal import Broker
internal import Modbus

/// The defaults of the command line, on the line of the capture: 115200 8N1 to the inverter and to the dongle.
enum ScenarioSettings {
    static let timing = LineTiming(baud: 115_200, bitsPerCharacter: 10)
    static let shapes = FunctionShapes(readLike: [FunctionCode(rawValue: 0x20)])

    static var bus: BusSettings {
        var settings = BusSettings()
        settings.timing = timing
        settings.shapes = shapes
        return settings
    }

    static var clients: ClientSettings {
        var settings = ClientSettings()
        settings.shapes = shapes
        settings.serialTiming = timing
        return settings
    }
}

/// Breaks the circle between the bus, which needs an observer, and the scenario, which needs the bus.
final class ScenarioEvents {
    var handler: ((BrokerEvent) -> Void)?

    func observe(_ event: BrokerEvent) { handler?(event) }
}
