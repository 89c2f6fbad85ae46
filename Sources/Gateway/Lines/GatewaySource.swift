internal import Broker
internal import Logging
internal import NIOCore
internal import Settings
internal import Simulator
internal import Transport

/// What answers a gateway's queries, with the ports that belong to it. Used on the event loop only.
protocol GatewaySource: LineEnd {
    /// Every register that is known to be there, for a client that reads all; empty where that is not known.
    var blocks: [PollBlock] { get }

    /// How its line stands; nil: it is none.
    var status: BusStatus? { get }

    /// The address where a line dials in; nil: none does.
    var listening: (any DialledPort)? { get }

    /// Lets other addresses dial in from now on.
    func take(_ rules: AddressRules)

    /// Takes the names of its pseudo-terminals back, which one that did not come to replace it has taken.
    func renewNames()
}

extension GatewaySource {
    var listening: (any DialledPort)? { nil }

    func take(_ rules: AddressRules) {}
}

extension GatewayConfiguration.Line {
    /// - Parameter admission: has the rules for every address.
    /// - Throws: what is wrong with a pseudo-terminal's name.
    func makeSource(
        _ environment: GatewayEnvironment, _ admission: ClientAdmission, faults: FaultInjector?,
        observe: @escaping (BrokerEvent) -> Void
    ) throws -> any GatewaySource {
        let (logger, name) = (environment.logger, name)
        let context = UnitsContext(
            pty: pty, bus: bus, faults: faults, loop: environment.loop, ports: environment.ports,
            report: { logger.info("\($0)") }, observe: observe)
        switch (source, contents?.kind) {
        case (.line(let port), _):
            let entrance = ServerEntrance(rules: rules, admission: admission, sockets: environment.sockets) { place in
                logger.info("\(name): waiting for it at \(place)")
            }
            return try LineSource(port, bus, name: name, entrance, environment, observe: observe)
        case (.dataset(let settings), .dataset(let dataset, let profile)):
            return try UnitsSource(settings, dataset, profile, context)
        case (.recording(let settings), .recording(let recording)):
            return try UnitsSource(settings, recording, context)
        default: preconditionFailure("the contents are not of \(source), or were not read")
        }
    }
}
