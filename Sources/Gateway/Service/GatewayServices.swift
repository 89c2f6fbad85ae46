internal import Broker
internal import Logging
internal import NIOCore
internal import ServiceLifecycle
internal import Settings

/// The services of a process, from the first that is bound to the last that is stopped.
///
/// The gateway is the first of the group, so it is stopped last: until then it answers the others. The group takes no
/// signals: their order, a second one and SIGHUP are the matter of ``ProcessEnd``.
struct GatewayServices: Sendable {
    let gateway: NIOLoopBound<Gateway>
    let control: NIOLoopBound<GatewayControl>
    let events: ProcessEvents
    let others: [ServiceMaking]
    /// Tells the operator.
    let tell: @Sendable (LogLevel, String) -> Void
    /// Tells the service manager.
    let notify: @Sendable ([ServiceManager.Message]) -> Void

    /// Runs until the end of the process. Afterwards the gateway has stopped, also if something has failed.
    ///
    /// - Parameter started: told the addresses of the listeners as soon as every service is bound.
    /// - Throws: what a service could not have, or why it has failed.
    func run(
        at place: ControlPlace, for duration: Duration?, started: @Sendable ([String]) -> Void
    ) async throws {
        let entrance = LoopEntrance(gateway.eventLoop)
        let gateway = GatewayService(gateway: gateway, control: control, entrance: entrance)
        let controlService = ControlService(control: control, place: place)
        var services: [any ServiceLifecycle.Service] = [gateway, controlService]
        do {
            let addresses = try await gateway.start()
            try await controlService.start()
            services += try await startOthers(entrance)
            started(addresses)
            notify([.ready, .status("listening on \(addresses.joined(separator: ", "))")])
        } catch {
            await controlService.stop()
            await gateway.stop()
            throw error
        }
        try await group(services, for: duration).run()
    }

    /// In their order, one after the other.
    private func startOthers(_ entrance: LoopEntrance) async throws -> [any ServiceLifecycle.Service] {
        var started: [any ServiceLifecycle.Service] = []
        for making in others {
            let running = try await control.eventLoop.submit { [control] in
                RunningGateway(control.value, for: making.name, entrance)
            }.get()
            let service = making.make(running)
            try await service.start()
            started.append(WatchedService(service: service, name: making.name, events: events, tell: tell))
        }
        return started
    }

    private func group(_ services: [any ServiceLifecycle.Service], for duration: Duration?) -> ServiceGroup {
        let end = ProcessEnd(
            gateway: gateway, control: control, events: events, duration: duration, tell: tell, notify: notify)
        let all = services.map { ServiceGroupConfiguration.ServiceConfiguration(service: $0) }
        let last = ServiceGroupConfiguration.ServiceConfiguration(
            service: end, successTerminationBehavior: .gracefullyShutdownGroup,
            failureTerminationBehavior: .gracefullyShutdownGroup)
        // Its own lines would stand among those for the operator.
        let silent = Logger(label: "services") { _ in SwiftLogNoOpLogHandler() }
        return ServiceGroup(configuration: .init(services: all + [last], logger: silent))
    }
}

/// The gateway: it listens before the group runs, and stops when all others have.
private struct GatewayService: ServiceLifecycle.Service {
    let gateway: NIOLoopBound<Gateway>
    let control: NIOLoopBound<GatewayControl>
    let entrance: LoopEntrance

    /// - Returns: the addresses of the listeners.
    func start() async throws -> [String] {
        try await gateway.eventLoop.flatSubmit { [gateway] in gateway.value.start() }.get()
    }

    func run() async {
        try? await gracefulShutdown()
        await stop()
    }

    /// What is asked from now on ends with an error.
    func stop() async {
        entrance.close()
        try? await gateway.eventLoop.flatSubmit { [gateway] in gateway.value.stop() }.get()
        try? await gateway.eventLoop.submit { [control] in control.value.reportQueues.end() }.get()
    }
}

private struct ControlService: ServiceLifecycle.Service {
    let control: NIOLoopBound<GatewayControl>
    let place: ControlPlace

    func start() async throws {
        try await control.eventLoop.flatSubmit { [control, place] in control.value.start(place) }.get()
    }

    func run() async {
        try? await gracefulShutdown()
        await stop()
    }

    func stop() async {
        try? await control.eventLoop.submit { [control] in control.value.stop() }.get()
    }
}

/// A service whose failure ends the process no sooner than a signal would: not in the midst of a firmware update.
private struct WatchedService: ServiceLifecycle.Service {
    let service: any ProcessService
    let name: String
    let events: ProcessEvents
    let tell: @Sendable (LogLevel, String) -> Void

    func run() async {
        do {
            try await service.run()
        } catch {
            tell(.error, "\(name) has failed: \(error)")
            events.note { $0.failure = error }
        }
        // To the group, a service that ends without being told to is a fault of all.
        try? await gracefulShutdown()
    }
}
