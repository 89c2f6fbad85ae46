internal import Broker
internal import Modbus

/// The defaults of the command line, on the line of the capture: 115200 8N1 to the inverter and to the dongle.
struct ScenarioSettings {

    /// So much longer is every time that can be set, and every character; 1 is as in reality.
    var scale = 1.0

    var timing: LineTiming { LineTiming(baud: Int(115_200 / scale), bitsPerCharacter: 10) }

    var bus: BusSettings {
        var settings = BusSettings()
        settings.timing = timing
        settings.minPeriod = settings.minPeriod * scale
        settings.responseTimeout = settings.responseTimeout * scale
        settings.turnaroundDelay = settings.turnaroundDelay * scale
        return settings
    }

    var clients: ClientSettings {
        var settings = ClientSettings()
        settings.serialTiming = timing
        settings.clientTimeout = settings.clientTimeout * scale
        settings.serialTimeout = settings.serialTimeout * scale
        return settings
    }
}
