package import Broker
package import Modbus
package import Recording
package import SerialLine

/// A whole gateway in the terms of the modules that it is built from.
package struct GatewayConfiguration: Sendable {
    /// A serial device and how to open it.
    package struct Port: Sendable {
        package var path: String
        package var settings: SerialPortSettings

        package init(path: String, settings: SerialPortSettings) {
            self.path = path
            self.settings = settings
        }
    }

    /// Where to listen.
    package struct Address: Hashable, Sendable, CustomStringConvertible {
        package var host: String
        /// 0: chosen by the system.
        package var port: Int

        package init(host: String, port: Int) {
            self.host = host
            self.port = port
        }

        package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    }

    package var inverter: Port
    package var shine: Port?
    package var tcp: [Address] = []
    package var sniff: Address?
    package var bus = BusSettings()
    package var clients = ClientSettings()
    package var access = AccessPolicy.Settings()
    /// Over all TCP listeners together.
    package var maximumClients = 1024
    package var log = WireLogDestination.none

    package init(inverter: Port) {
        self.inverter = inverter
    }

    /// The function codes that look like a register read, beyond those of the specification: Growatt's smart meter.
    package static let shapes = FunctionShapes(readLike: [FunctionCode(rawValue: 0x20)])
}
