package import Broker
package import NIOCore
internal import SerialLine
internal import Settings
package import Transport

extension GatewayConfiguration.Port {
    /// The way of a bus to its units.
    ///
    /// - Parameters:
    ///   - settings: of the bus.
    ///   - report: told about the port, after the bus.
    /// - Throws: ``GatewayError/cannotConnect(_:reason:)`` for an endpoint that no line has.
    package func link(
        _ settings: BusSettings, loop: any EventLoop, registry: PortRegistry,
        observe: @escaping (BrokerEvent) -> Void, report: @escaping (PortEvent) -> Void
    ) throws -> any DeviceLink {
        switch self {
        case .serial(let path, let serial):
            return SerialBusLink(path: path, settings: serial, loop: loop, registry: registry) { report(.init($0)) }
        case .server(.rtuOverTCP(let address)):
            return RTUOverTCPLink(
                host: address.host, port: address.port, loop: loop,
                report: { report(.init($0)) })
        case .server(.modbusTCP(let address)):
            return ModbusTCPLink(
                host: address.host, port: address.port, settings: settings, loop: loop, observe: observe,
                report: { report(.init($0)) })
        case .server(.modbusUDP(let address)):
            return ModbusUDPLink(
                host: address.host, port: address.port, settings: settings, loop: loop, observe: observe,
                report: { report(.init($0)) })
        case .server(.rtuOverUDP(let address)):
            return RTUOverUDPLink(
                host: address.host, port: address.port, loop: loop,
                report: { report(.init($0)) })
        case .server(let endpoint):
            throw GatewayError.cannotConnect("\(endpoint)", reason: "no line can be there")
        }
    }
}
