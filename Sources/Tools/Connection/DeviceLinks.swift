internal import Broker
internal import NIOCore
internal import Recording
internal import SerialLine
internal import Settings
internal import Transport

/// The links of the endpoints that a tool can be given, with the settings of a bus on each.
enum DeviceLinks {
    /// - Parameter report: told nil when it is open, and otherwise why it is not.
    /// - Throws: `SerialLineError` for a baud rate or a format that no port has.
    static func make(
        _ settings: ConnectionSettings, _ loop: any EventLoop, _ report: @escaping (String?) -> Void
    ) throws -> (any DeviceLink, BusSettings) {
        var bus = BusSettings()
        bus.shapes = RegisterTable.shapes
        bus.minPeriod = settings.minPeriod
        bus.responseTimeout = settings.responseTimeout
        bus.retries = settings.retries
        bus.asksSilentUnits = true
        switch settings.endpoint {
        case .serial(let path, let baud, let format, let direction):
            var port = SerialPortSettings(baud: try BaudRate(baud), format: try CharacterFormat(format.description))
            port.rs485 = direction.map { RS485Direction(rtsOnSend: $0 == .high) }
            bus.timing = LineTiming(
                baud: port.baud.bitsPerSecond, bitsPerCharacter: port.format.bitsPerCharacter)
            let link = SerialBusLink(path: path, settings: port, loop: loop, registry: PortRegistry()) {
                report($0.trouble)
            }
            return (link, bus)
        case .rtuOverTCP(let address):
            bus.timing = .rtuOverTCP
            return (RTUOverTCPLink(host: address.host, port: address.port, loop: loop) { report($0.trouble) }, bus)
        case .modbusTCP(let address):
            bus.timing = .modbusTCP
            bus.hasTransactions = true
            let link = ModbusTCPLink(
                host: address.host, port: address.port, settings: bus, loop: loop, observe: { _ in },
                report: { report($0.trouble) })
            return (link, bus)
        }
    }
}

extension SerialDevice.Event {
    fileprivate var trouble: String? {
        switch self {
        case .opened: nil
        case .lost(let reason), .notOpened(let reason): reason
        }
    }
}

extension TCPServerConnection.Event {
    fileprivate var trouble: String? {
        switch self {
        case .opened: nil
        case .lost(let reason), .notOpened(let reason): reason
        }
    }
}
