internal import Broker
internal import Settings
internal import Simulator
internal import Transport

/// What answers on a line, and what disturbs its answers.
struct LineParts {
    let source: any GatewaySource
    let injection: FaultInjection?

    /// - Throws: what is wrong with a dataset, a profile, a recording or a pseudo-terminal's name.
    init(
        _ configuration: GatewayConfiguration.Line, _ admission: ClientAdmission, _ environment: GatewayEnvironment,
        observe: @escaping (BrokerEvent) -> Void
    ) throws {
        let faults = configuration.injector(environment.timeline)
        source = try configuration.makeSource(environment, admission, faults: faults, observe: observe)
        injection = configuration.injection(faults, before: source.backend, environment.timeline)
    }
}

extension GatewayConfiguration.Line {
    func injector(_ timeline: EventLoopTimeline) -> FaultInjector? {
        faults.map {
            FaultInjector(
                $0.rules, seed: $0.seed ?? UInt64.random(in: .min ... .max), start: timeline.now)
        }
    }

    func injection(
        _ injector: FaultInjector?, before backend: any Backend, _ timeline: EventLoopTimeline
    ) -> FaultInjection? {
        injector.map {
            FaultInjection($0, next: backend, timeline: timeline, responseTimeout: bus.responseTimeout)
        }
    }

    /// What is read without a client that asks.
    func blocks(of source: any GatewaySource) -> [PollBlock] {
        switch poll {
        case .blocks(let blocks): blocks
        case .dataset: source.blocks
        case nil: []
        }
    }
}
