internal import Broker
internal import Endpoints
internal import NIOCore
internal import Settings
internal import Transport

/// The links of the endpoints that a tool can be given, with the settings of a bus on each.
enum DeviceLinks {
    /// - Parameters:
    ///   - observe: told what a link has discarded.
    ///   - report: told nil when it is open, and otherwise why it is not.
    /// - Throws: `SerialLineError` for a baud rate or a format that no port has, `PortError` for an endpoint that no line
    ///   has.
    static func make(
        _ settings: ConnectionSettings, _ loop: any EventLoop, _ observe: @escaping (BrokerEvent) -> Void,
        _ report: @escaping (String?) -> Void
    ) throws -> (FramedLink, BusSettings) {
        let port = try Port(settings.endpoint, lowLatency: false)
        var bus = BusSettings(
            timing: port.timing(.automatic), minPeriod: settings.minPeriod,
            responseTimeout: settings.responseTimeout, retries: settings.retries)
        bus.asksSilentUnits = true
        bus.hasTransactions = port.hasTransactions
        let link = try port.link(bus, loop: loop, registry: PortRegistry(), observe: observe) { event in
            switch event {
            case .opened: report(nil)
            case .lost(let reason), .notOpened(let reason): report(reason)
            case .replaced, .said: break
            }
        }
        return (link, bus)
    }
}
