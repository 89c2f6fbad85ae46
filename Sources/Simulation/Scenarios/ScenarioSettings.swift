internal import Broker
internal import Modbus

/// The defaults of the command line, on the line of the capture: 115200 8N1 to the inverter and to the dongle.
struct ScenarioSettings {

    /// So much longer is every time that can be set, and every character; 1 is as in reality.
    var scale = 1.0

    var timing: LineTiming { LineTiming(baud: Int(115_200 / scale), bitsPerCharacter: 10) }

    var bus: BusSettings {
        var settings = BusSettings.usual(timing)
        settings.minPeriod = settings.minPeriod * scale
        settings.responseTimeout = settings.responseTimeout * scale
        settings.turnaroundDelay = settings.turnaroundDelay * scale
        return settings
    }

    var clients: ClientSettings {
        var settings = ClientSettings.usual(timing)
        settings.clientTimeout = settings.clientTimeout * scale
        settings.serialTimeout = settings.serialTimeout * scale
        return settings
    }
}

// What the program does where nothing is said: the scenarios measure that, and the worlds start from it.
extension BusSettings {
    static func usual(_ timing: LineTiming) -> BusSettings {
        BusSettings(timing: timing, minPeriod: .milliseconds(500), responseTimeout: .milliseconds(900), retries: 1)
    }
}

extension ClientSettings {
    static func usual(_ timing: LineTiming) -> ClientSettings {
        ClientSettings(clientTimeout: .seconds(5), serialTimeout: .seconds(2), serialTiming: timing)
    }
}
