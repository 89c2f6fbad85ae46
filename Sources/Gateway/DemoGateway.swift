package import Broker
internal import Modbus
internal import NIOCore
internal import NIOPosix
internal import SerialLine
package import Settings
internal import Simulator
internal import Transport

/// The real gateway on a simulated line: a MIN 6000TL-XH on one pseudo-terminal, a Shine dongle on another.
///
/// The inverter answers as the real one: after 28–117 ms, and 5 % of the requests not at all.
package enum DemoGateway {
    /// Runs until a signal, or until the time is over. Blocks.
    ///
    /// - Throws: ``GatewayError``.
    package static func run(
        tcp: [HostPort], process: GatewayProcess, signals: ProcessSignals, duration: Duration?,
        started: @escaping @Sendable ([String]) -> Void, observe: @escaping @Sendable (BrokerEvent) -> Void
    ) throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let world = try loop.submit { NIOLoopBound(try DemoWorld(loop), eventLoop: loop) }.wait()
        let (inverter, shine) = try loop.submit { (world.value.inverterPath, world.value.shinePath) }.wait()
        let settings = try portSettings()
        var line = GatewayConfiguration.Line(.line(.serial(path: inverter, settings)))
        line.bus.timing = world.timing
        var dongle = GatewayConfiguration.Dongle(.serial(path: shine, settings))
        dongle.client.serialTiming = world.timing
        line.dongle = dongle
        var configuration = GatewayConfiguration([line])
        configuration.listeners = tcp.map { .init(.tcp($0)) }
        try process.run(
            configuration, signals: signals, duration: duration,
            started: { addresses in
                loop.execute { world.value.boot() }
                started(addresses)
            }, observe: observe)
        try loop.submit { world.value.stop() }.wait()
        try group.syncShutdownGracefully()
    }

    private static func portSettings() throws -> SerialPortSettings {
        SerialPortSettings(baud: try BaudRate(115_200), format: try CharacterFormat("8N1"))
    }
}

extension NIOLoopBound<DemoWorld> {
    /// The line of the real inverter in the capture: 115200 8N1.
    fileprivate var timing: LineTiming { LineTiming(baud: 115_200, bitsPerCharacter: 10) }
}

/// What the demo simulates: the units and the dongle, each at the far end of a pseudo-terminal.
private final class DemoWorld {
    let inverterPath: String
    let shinePath: String
    private var inverter: SimulatedPort?
    private var shine: SimulatedPort?
    private var line: SimulatedLine?
    private var dongle: SimulatedDongle?

    init(_ loop: any EventLoop) throws {
        let inverter = try SimulatedPort(loop)
        let shine = try SimulatedPort(loop)
        inverterPath = inverter.path
        shinePath = shine.path
        self.inverter = inverter
        self.shine = shine
        let timeline = EventLoopTimeline(loop)
        var random = RandomSource(seed: UInt64.random(in: .min ... .max))
        makeLine(inverter, timeline, random.split())
        makeDongle(shine, timeline, random.split())
    }

    private func makeLine(_ port: SimulatedPort, _ timeline: any Timeline, _ random: RandomSource) {
        let unit = DatasetUnit.demo()
        var settings = SimulatedLine.Settings()
        settings.thinkingTime = .milliseconds(28) ... .milliseconds(90)
        settings.faults.loss = 0.05
        settings.takesWholeFrames = false
        let line = SimulatedLine(
            settings: settings, timeline: timeline, random: random, units: [(1, { unit.answer($0, at: timeline.now) })]
        ) { [weak port] in port?.write($0) }
        port.open { [weak line] in line?.transmit($0) }
        self.line = line
    }

    private func makeDongle(_ port: SimulatedPort, _ timeline: any Timeline, _ random: RandomSource) {
        let dongle = SimulatedDongle(
            timeline: timeline, random: random, shapes: GatewayConfiguration.shapes
        ) { [weak port] in port?.write($0) }
        port.open { [weak dongle] in dongle?.received($0) }
        self.dongle = dongle
    }

    func boot() { dongle?.boot() }

    func stop() {
        inverter?.close()
        shine?.close()
    }
}
