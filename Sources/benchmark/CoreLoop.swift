internal import Broker
internal import Modbus

/// Clients that ask again at once, on a line that answers at once.
final class CoreLoop: BusLink {
    private let timeline = StandingTimeline()
    private let reply = RTUFrame(
        unit: 1, pdu: PDU(registers: Array(repeating: 7, count: 45), replyTo: .readInputRegisters)
    ).bytes
    private let request = TCPFrame(
        transaction: 1, unit: 1, pdu: PDU(read: .readInputRegisters, address: 0, quantity: 45))
    private var bus: Bus?
    private var sessions: [TCPClientSession] = []
    private var isAnswerDue = false
    private var done = 0
    private var isRunning = false
    private let kept = KeptEvents()

    /// - Parameter keepsEvents: whether the latest events are kept, as an observer's queue does.
    init(clients: Int, keepsEvents: Bool) {
        let observe: (BrokerEvent) -> Void = keepsEvents ? { [kept] in kept.add($0) } : { _ in }
        let timing = LineTiming(baud: 115_200, bitsPerCharacter: 10, silence: .zero)
        let settings = BusSettings(timing: timing, minPeriod: .zero, responseTimeout: .milliseconds(900), retries: 1)
        let manners = ClientSettings(clientTimeout: .seconds(5), serialTimeout: .seconds(2), serialTiming: timing)
        let bus = Bus(settings: settings, timeline: timeline, link: self, observe: observe)
        self.bus = bus
        let switchboard = Switchboard(timeline: timeline)
        let path = switchboard.makePath()
        var plan = SwitchboardPlan(
            [.init(Line(name: "line"), end: BusEnd(bus), settings)], timeToAnswer: manners.timeToAnswer)
        plan.paths = [.init(path, .init())]
        switchboard.apply(plan)
        for index in 0..<clients {
            let client = Client(kind: .tcp, name: "TCP:\(index)", address: "\(index)")
            sessions.append(
                TCPClientSession(
                    client: client, path: path, settings: manners, timeline: timeline,
                    observe: observe, send: { [weak self] _ in self?.answered(index) }))
        }
        bus.lineOpened()
    }

    func transmit(_ bytes: [UInt8]) { isAnswerDue = true }

    func reopen() {}

    /// So many exchanges more; the clients' next requests are under way behind them.
    func run(_ count: Int) {
        if !isRunning {
            isRunning = true
            for session in sessions { session.received(request, arrived: timeline.now) }
        }
        let end = done + count
        while done < end, isAnswerDue {
            isAnswerDue = false
            bus?.received(reply)
        }
    }

    /// Ends the circle of bus and link.
    func stop() { bus = nil }

    private func answered(_ index: Int) {
        done += 1
        sessions[index].received(request, arrived: timeline.now)
    }
}

/// The latest events.
private final class KeptEvents {
    private var events = [BrokerEvent?](repeating: nil, count: 256)
    private var next = 0

    func add(_ event: BrokerEvent) {
        events[next] = event
        next = (next + 1) % events.count
    }
}

/// A bus without a port.
private final class BusEnd: LineEnd {
    private let bus: Bus

    init(_ bus: Bus) {
        self.bus = bus
    }

    var backend: any Backend { bus }

    func apply(_ settings: BusSettings) { bus.apply(settings) }

    func open(_ isReady: @escaping () -> Void) { isReady() }

    func stop(_ done: @escaping () -> Void) { bus.stop(done) }

    func close(_ done: @escaping () -> Void) { done() }
}

/// Time that stands still: what a timer costs here is what the core does with it, and nothing piles up.
private final class StandingTimeline: Timeline {
    private final class Alarm: WakeTimer {
        private var instant: Instant?

        func set(_ instant: Instant?) { self.instant = instant }
    }

    let now = Instant.start

    func makeTimer(_ fire: @escaping () -> Void) -> any WakeTimer { Alarm() }
}
