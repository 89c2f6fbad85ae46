package import Broker
internal import Modbus
internal import NIOCore
internal import NIOPosix
internal import SerialLine
package import Settings
internal import Simulator
internal import Text
internal import Transport
internal import WireLog

/// The real gateway on a simulated line: a MIN 6000TL-XH on one pseudo-terminal, a Shine dongle on another.
///
/// The inverter answers as the real one: after 28–117 ms, and 5 % of the requests not at all.
package enum DemoGateway {
    /// A demo that has just started.
    package struct Start: Sendable {
        /// The addresses of the listeners.
        package let addresses: [String]
        /// The socket for `status`.
        package let control: ControlPlace
        /// The inverter's present values, a line each.
        package let values: [String]
    }

    /// From one report of the inverter's values to the next.
    private static let valuesPeriod: Duration = .seconds(10)

    /// Runs until a signal, or until the time is over. Blocks.
    ///
    /// - Parameters:
    ///   - started: called once, on an event loop.
    ///   - showed: called with the inverter's values every ten seconds, on an event loop.
    /// - Throws: ``GatewayError``; `YAMLError` of a flag whose profile or log is of no use.
    package static func run(
        _ settings: DemoSettings, process: GatewayProcess, signals: ProcessSignals,
        started: @escaping @Sendable (Start) -> Void, showed: @escaping @Sendable (String) -> Void,
        observe: @escaping @Sendable (BrokerEvent) -> Void
    ) throws {
        let profile = try checked(settings)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let world = try loop.submit {
            NIOLoopBound(try DemoWorld(settings.inverter, profile, loop), eventLoop: loop)
        }.wait()
        let (inverter, shine) = try loop.submit { (world.value.inverterPath, world.value.shinePath) }.wait()
        let configuration = try configuration(settings, inverter: inverter, shine: shine, timing: world.timing)
        try process.run(
            configuration, signals: signals, duration: settings.duration,
            started: { addresses in
                loop.execute {
                    world.value.boot()
                    let values = world.value.values.lines
                    started(Start(addresses: addresses, control: configuration.control, values: values))
                    world.value.showEvery(valuesPeriod, showed)
                }
            }, observe: observe)
        try loop.submit { world.value.stop() }.wait()
        try group.syncShutdownGracefully()
    }

    /// - Returns: what moves the inverter.
    private static func checked(_ settings: DemoSettings) throws(YAMLError) -> Profile {
        let profile: Profile
        do throws(YAMLError) {
            profile = try Profile(settings.inverter.profiles)
        } catch {
            throw YAMLError(file: SettingKey.profile.flag, place: nil, reason: error.lines.joined(separator: "; "))
        }
        do throws(FileError) {
            let log = WireLogDestination(settings.log)
            try log.checkContents(for: .wireLog)
            try log.refuse(settings.inverter.profiles.compactMap { NamedFile($0, "a profile") })
        } catch {
            throw YAMLError(file: SettingKey.log.flag, place: nil, reason: error.description)
        }
        if case .path(let path) = settings.control {
            do throws(FileError) {
                try ControlSocket.refuseFile(at: path)
            } catch {
                throw YAMLError(file: SettingKey.control.flag, place: nil, reason: error.description)
            }
        }
        return profile
    }

    private static func configuration(
        _ settings: DemoSettings, inverter: String, shine: String, timing: LineTiming
    ) throws -> GatewayConfiguration {
        let port = SerialPortSettings(baud: try BaudRate(115_200), format: try CharacterFormat("8N1"))
        var line = GatewayConfiguration.Line(.line(.serial(path: inverter, port)))
        line.bus.timing = timing
        var dongle = GatewayConfiguration.Dongle(.serial(path: shine, port))
        dongle.client.serialTiming = timing
        line.dongle = dongle
        var configuration = GatewayConfiguration([line])
        configuration.listeners = settings.tcp.map { .init(.tcp($0)) }
        configuration.control = ControlSocket.free(settings.control)
        configuration.log = WireLogDestination(settings.log)
        return configuration
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
    private let loop: any EventLoop
    private let timeline: any Timeline
    private let unit: DatasetUnit
    private var inverter: SimulatedPort?
    private var shine: SimulatedPort?
    private var line: SimulatedLine?
    private var dongle: SimulatedDongle?
    private var showing: RepeatedTask?

    init(_ settings: DatasetSettings, _ profile: Profile, _ loop: any EventLoop) throws {
        let inverter = try SimulatedPort(loop)
        let shine = try SimulatedPort(loop)
        self.loop = loop
        inverterPath = inverter.path
        shinePath = shine.path
        self.inverter = inverter
        self.shine = shine
        timeline = EventLoopTimeline(loop)
        var random = RandomSource(seed: UInt64.random(in: .min ... .max))
        let clock = SimulatedClock(origin: timeline.now, start: settings.startTime, scale: settings.timeScale)
        unit = try DatasetUnit.demo(profile, clock: clock, seed: random.next())
        makeLine(inverter, random.split())
        makeDongle(shine, random.split())
    }

    private func makeLine(_ port: SimulatedPort, _ random: RandomSource) {
        var settings = SimulatedLine.Settings()
        settings.thinkingTime = .milliseconds(28) ... .milliseconds(90)
        settings.faults = [.loss(0.05)]
        settings.takesWholeFrames = false
        let (unit, timeline) = (unit, timeline)
        let line = SimulatedLine(
            settings: settings, timeline: timeline, random: random, units: [(1, { unit.answer($0, at: timeline.now) })]
        ) { [weak port] in port?.write($0) }
        port.open { [weak line] in line?.transmit($0) }
        self.line = line
    }

    private func makeDongle(_ port: SimulatedPort, _ random: RandomSource) {
        let dongle = SimulatedDongle(
            timeline: timeline, random: random
        ) { [weak port] in port?.write($0) }
        port.open { [weak dongle] in dongle?.received($0) }
        self.dongle = dongle
    }

    func boot() { dongle?.boot() }

    var values: DemoValues { DemoValues(of: unit, at: timeline.now) }

    func showEvery(_ period: Duration, _ show: @escaping @Sendable (String) -> Void) {
        let period = TimeAmount(period)
        let this = NIOLoopBound(self, eventLoop: loop)
        showing = loop.scheduleRepeatedTask(initialDelay: period, delay: period) { _ in show(this.value.values.line) }
    }

    func stop() {
        showing?.cancel()
        inverter?.close()
        shine?.close()
    }
}
