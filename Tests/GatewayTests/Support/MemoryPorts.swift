import NIOCore
import NIOEmbedded
import SerialLine
import Transport

@testable import Gateway

/// The ports of a gateway in memory: a test decides what becomes of each.
final class MemoryPorts: GatewayPorts {
    let lead: Duration = .zero
    let loop: EmbeddedEventLoop
    /// In the order in which they were made, also those that are gone.
    private(set) var carriers: [MemoryCarrier] = []
    private(set) var listeners: [MemoryListener] = []
    /// What was opened, closed and listened at, such as `open /dev/a`.
    private(set) var journal: [String] = []
    /// Devices that are missing, and listeners' addresses and names that the system refuses.
    var refused: Set<String> = []
    /// Listeners, and work elsewhere, take their time until ``finishWork()``.
    var takesTime = false
    /// Carriers that are closed keep their place until they are let go.
    var closesSlowly = false
    private var work: [() -> Void] = []
    private var names: [String: AnyObject] = [:]

    init(_ loop: EmbeddedEventLoop) { self.loop = loop }

    func carrier(
        of port: Port, loop: any EventLoop, registry: PortRegistry, entrance: ServerEntrance?
    ) throws -> any Carrier {
        make(port.place)
    }

    func dongleCarrier(
        of port: Port, loop: any EventLoop, registry: PortRegistry, entrance: ServerEntrance,
        isLent: @escaping () -> Bool
    ) -> any Carrier {
        let carrier = make(port.place)
        // A dongle asks.
        carrier.answers = false
        return carrier
    }

    private func make(_ place: String) -> MemoryCarrier {
        let carrier = MemoryCarrier(at: place, self)
        carriers.append(carrier)
        return carrier
    }

    func listener(
        _ settings: GatewayConfiguration.Listener, _ entrance: ClientEntrance, report: @escaping (String) -> Void
    ) throws -> any Listener {
        let listener = MemoryListener(settings.kind, entrance, self)
        listeners.append(listener)
        return listener
    }

    func simulatedEnd(_ loop: any EventLoop, link: String) throws -> any SimulatedEnd {
        guard !refused.contains(link) else { throw Refusal(place: link) }
        return MemoryEnd(link, self)
    }

    func elsewhere<Value: Sendable>(
        _ loop: any EventLoop, _ work: @escaping @Sendable () throws -> Value
    ) -> EventLoopFuture<Value> {
        let promise = loop.makePromise(of: Value.self)
        perform { promise.completeWith(Result { try work() }) }
        return promise.futureResult
    }
}

/// What the system says to a name that cannot be had.
struct Refusal: Error, CustomStringConvertible {
    let place: String

    var description: String { "\(place): the name is taken" }
}

// MARK: What a test says and asks

extension MemoryPorts {
    /// The newest at a place.
    func carrier(_ place: String) throws -> MemoryCarrier { try found(carriers.last { $0.place == place }) }

    func listener(_ place: String) throws -> MemoryListener { try found(listeners.last { $0.place == place }) }

    private func found<Found>(_ found: Found?) throws -> Found {
        guard let found else { throw Refusal(place: "nothing is there") }
        return found
    }

    /// Does what takes its time, in the order in which it was begun.
    func finishWork() {
        takesTime = false
        let work = work
        self.work = []
        for work in work { work() }
        loop.run()
    }

    /// Does the oldest of what takes its time.
    func finishOne() {
        if !work.isEmpty { work.removeFirst()() }
        loop.run()
    }

    /// What has happened since this was asked last.
    func news() -> [String] {
        defer { journal = [] }
        return journal
    }

    func holder(of name: String) -> AnyObject? { names[name] }
}

// MARK: For what it has made

extension MemoryPorts {
    func perform(_ work: @escaping () -> Void) {
        if takesTime { self.work.append(work) } else { work() }
    }

    func note(_ event: String) { journal.append(event) }

    /// As with symbolic links, the newest has the name.
    func take(_ name: String, for holder: AnyObject) { names[name] = holder }

    func release(_ name: String, of holder: AnyObject) {
        if names[name] === holder { names[name] = nil }
    }
}

/// The end of a pseudo-terminal that no program opens.
private final class MemoryEnd: SimulatedEnd {
    private let name: String
    private let ports: MemoryPorts
    let mode: SerialPortMode? = nil

    init(_ name: String, _ ports: MemoryPorts) {
        self.name = name
        self.ports = ports
        ports.take(name, for: self)
    }

    func open(received: @escaping ([UInt8]) -> Void) { ports.note("open \(name)") }

    func renewLink() { ports.take(name, for: self) }

    func write(_ bytes: [UInt8]) {}

    func close() {
        ports.note("close \(name)")
        ports.release(name, of: self)
    }
}
