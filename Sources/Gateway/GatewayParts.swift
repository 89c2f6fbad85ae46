internal import Broker
internal import Logging
internal import NIOCore
internal import Settings
internal import Simulator
internal import Transport

/// What answers, and what disturbs its answers.
struct GatewayParts {
    let source: any GatewaySource
    let injection: FaultInjection?

    var backend: any Backend { injection ?? source.backend }

    /// - Throws: what is wrong with a dataset, a profile, a recording or a pseudo-terminal's name.
    init(
        _ configuration: GatewayConfiguration, loop: any EventLoop, registry: PortRegistry, timeline: EventLoopTimeline,
        logger: Logger, observe: @escaping (BrokerEvent) -> Void
    ) throws {
        let faults = configuration.injector(timeline)
        source = try configuration.makeSource(
            loop: loop, registry: registry, faults: faults, logger: logger, observe: observe)
        injection = configuration.injection(faults, before: source.backend, timeline)
    }
}

extension GatewayConfiguration {
    func injector(_ timeline: EventLoopTimeline) -> FaultInjector? {
        faults.map {
            FaultInjector(
                $0.rules, seed: $0.seed ?? UInt64.random(in: .min ... .max), shapes: bus.shapes, start: timeline.now)
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
