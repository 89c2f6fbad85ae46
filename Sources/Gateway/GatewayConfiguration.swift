package import Broker
package import Modbus
package import Recording
package import SerialLine
package import Settings
package import Simulator

/// A whole gateway in the terms of the modules that it is built from.
package struct GatewayConfiguration: Sendable {
    /// A serial device and how to open it.
    package struct Port: Hashable, Sendable {
        package var path: String
        package var settings: SerialPortSettings

        package init(path: String, settings: SerialPortSettings) {
            self.path = path
            self.settings = settings
        }
    }

    /// What answers.
    package enum Source: Hashable, Sendable {
        case line(Port)
        case dataset(DatasetSettings)
        case recording(RecordingSettings)
    }

    package var source: Source
    /// What messages and `status` call the line.
    package var name = "inverter"
    /// The names of pseudo-terminals at which simulated units answer.
    package var pty: [String] = []
    package var faults: FaultRules?
    /// What is read without a client that asks, once a second.
    package var poll: PollSettings?
    package var shine: Port?
    package var tcp: [HostPort] = []
    package var sniff: HostPort?
    package var bus = BusSettings()
    package var clients = ClientSettings()
    package var access = AccessPolicy.Settings()
    package var shineAccess = AccessPolicy.Settings()
    /// Over all TCP listeners together.
    package var maximumClients = 1024
    package var log = WireLogDestination.none
    package var capture: WireLogDestination?
    /// What addresses are called in `status`.
    package var clientNames: [ClientName] = []
    package var logLevel = LogLevel.info
    /// How long it runs; nil: until it is stopped.
    package var duration: Duration?
    package var control = ControlPlace.none

    package init(_ source: Source) {
        self.source = source
    }

    /// The function codes that look like a register read, beyond those of the specification: Growatt's smart meter.
    package static let shapes = FunctionShapes(readLike: [FunctionCode(rawValue: 0x20)])
}
