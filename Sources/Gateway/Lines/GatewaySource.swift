internal import Broker
internal import Logging
internal import NIOCore
internal import Settings
internal import Simulator

/// What answers a gateway's queries, with the ports that belong to it. Used on the event loop only.
protocol GatewaySource: LineEnd {
    /// Every register that is known to be there, for a client that reads all; empty where that is not known.
    var blocks: [PollBlock] { get }

    /// How its line stands; nil: it is none.
    var status: BusStatus? { get }

    /// The line, which can be lent; nil: there is none.
    var line: Bus? { get }

    /// Takes the names of its pseudo-terminals back, which one that did not come to replace it has taken.
    func renewNames()
}

extension GatewayConfiguration.Line {
    /// - Throws: what is wrong with a pseudo-terminal's name.
    func makeSource(
        _ environment: GatewayEnvironment, faults: FaultInjector?, observe: @escaping (BrokerEvent) -> Void
    ) throws -> any GatewaySource {
        let logger = environment.logger
        let context = UnitsContext(
            pty: pty, bus: bus, faults: faults, loop: environment.loop, ports: environment.ports,
            report: { logger.info("\($0)") }, observe: observe)
        switch (source, contents?.kind) {
        case (.line(let port), _): return try LineSource(port, bus, name: name, environment, observe: observe)
        case (.dataset(let settings), .dataset(let dataset, let profile)):
            return try UnitsSource(settings, dataset, profile, context)
        case (.recording(let settings), .recording(let recording)):
            return try UnitsSource(settings, recording, context)
        default: preconditionFailure("the contents are not of \(source), or were not read")
        }
    }
}
