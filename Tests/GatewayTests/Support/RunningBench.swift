import Broker
import Endpoints
import NIOCore
import NIOPosix
import Settings
import Synchronization
import Transport

@testable import Gateway

/// A gateway on an event loop with a thread of its own, for what reaches it from other threads. Its units never answer.
final class RunningBench: Sendable {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let gateway: NIOLoopBound<Gateway>
    let control: NIOLoopBound<GatewayControl>
    let entrance: LoopEntrance
    let running: RunningGateway
    private let ports: NIOLoopBound<SilentPorts>

    static let yaml = """
        lines: [{name: house, endpoint: /dev/a, rtimeout: 10, dongle: {endpoint: /dev/s}}]
        listeners: []
        """

    /// - Parameter load: what a reload reads, on another thread.
    init(load: @escaping GatewayProcess.Load = { running, _ in running }) throws {
        let loop = group.next()
        let told = Told()
        let parts = try loop.submit {
            let ports = SilentPorts()
            let gateway = try Gateway(
                GatewayBench.configuration(Self.yaml), loop: loop, logger: told.logger, sockets: [], ports: ports,
                observe: { _ in })
            let control = GatewayControl(gateway, level: .init(.info), version: "1", service: nil, load: load)
            return (
                NIOLoopBound(gateway, eventLoop: loop), NIOLoopBound(control, eventLoop: loop),
                NIOLoopBound(ports, eventLoop: loop)
            )
        }.wait()
        (gateway, control, ports) = parts
        let (entrance, control) = (LoopEntrance(loop), control)
        self.entrance = entrance
        running = try loop.submit { RunningGateway(control.value, for: "test", entrance) }.wait()
    }

    var loop: any EventLoop { gateway.eventLoop }

    /// One whose line is open.
    static func started(load: @escaping GatewayProcess.Load = { running, _ in running }) async throws -> RunningBench {
        let bench = try RunningBench(load: load)
        _ = try await bench.loop.flatSubmit { [gateway = bench.gateway] in gateway.value.start() }.get()
        return bench
    }

    func onLoop<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await loop.submit(work).get()
    }

    func isStopped() async throws -> Bool { try await onLoop { [gateway] in gateway.value.isStopping } }

    /// How many take reports.
    func readers() async throws -> Int { try await onLoop { [control] in control.value.reportQueues.count } }

    /// The port hangs up: what is on the line ends.
    func loseLine() async throws {
        try await onLoop { [ports] in for carrier in ports.value.carriers { carrier.report(.lost(reason: "hung up")) } }
    }

    func stop() async throws {
        try await loseLine()
        try await loop.flatSubmit { [gateway] in gateway.value.stop() }.get()
        try await onLoop { [control] in control.value.reportQueues.end() }
        entrance.close()
        try await group.shutdownGracefully()
    }
}

/// Ports that open at once, and from which nothing comes.
private final class SilentPorts: GatewayPorts {
    let lead: Duration = .zero
    private(set) var carriers: [SilentCarrier] = []

    func carrier(
        of port: Port, loop: any EventLoop, registry: PortRegistry, entrance: ServerEntrance?
    ) throws -> any Carrier {
        let carrier = SilentCarrier(loop)
        carriers.append(carrier)
        return carrier
    }

    func dongleCarrier(
        of port: Port, loop: any EventLoop, registry: PortRegistry, entrance: ServerEntrance,
        isLent: @escaping () -> Bool
    ) -> any Carrier {
        SilentCarrier(loop)
    }

    func listener(
        _ settings: GatewayConfiguration.Listener, _ entrance: ClientEntrance, report: @escaping (String) -> Void
    ) throws -> any Listener {
        throw GatewayError.cannotListen(settings.kind.text, reason: "there are no listeners")
    }

    func simulatedEnd(_ loop: any EventLoop, link: String) throws -> any SimulatedEnd {
        throw GatewayError.refused("there are no simulated ports")
    }

    func elsewhere<Value: Sendable>(
        _ loop: any EventLoop, _ work: @escaping @Sendable () throws -> Value
    ) -> EventLoopFuture<Value> {
        NIOThreadPool.singleton.runIfActive(eventLoop: loop, work)
    }
}

private final class SilentCarrier: Carrier {
    let boundaries = CarrierBoundaries.stream
    let isServer = false
    var received: (ByteBuffer) -> Void = { _ in }
    var report: (CarrierEvent) -> Void = { _ in }
    private let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    func open() { report(.opened()) }

    func write(_ bytes: [UInt8]) {}

    func noteUse() {}

    func reopen() {}

    func close(_ reason: String) {}

    func stop() -> EventLoopFuture<Void> { loop.makeSucceededVoidFuture() }
}
