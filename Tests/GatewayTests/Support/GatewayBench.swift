import Broker
import NIOCore
import NIOEmbedded
import Settings
import Synchronization
import Text

@testable import Gateway

/// A gateway on an embedded loop, with ports in memory, and the time that passes for it.
final class GatewayBench {
    let loop = EmbeddedEventLoop()
    let ports: MemoryPorts
    let gateway: Gateway
    let control: GatewayControl
    private let told = Told()
    private let file: File
    private let events: Events
    private var clients: [MemoryClient] = []

    /// The configuration that a reload reads.
    private final class File: Sendable {
        let text: Mutex<String>

        init(_ text: String) { self.text = Mutex(text) }
    }

    private final class Events {
        var all: [BrokerEvent] = []
    }

    init(_ yaml: String) throws {
        let (ports, file, events) = (MemoryPorts(loop), File(yaml), Events())
        (self.ports, self.file, self.events) = (ports, file, events)
        gateway = try Gateway(
            Self.configuration(yaml), loop: loop, logger: told.logger, sockets: [], ports: ports,
            observe: { events.all.append($0) })
        control = GatewayControl(gateway, level: .init(.info), version: "1", service: nil) { running, _ in
            try Self.configuration(file.text.withLock { $0 }, after: running)
        }
    }

    deinit {
        for client in clients { client.close() }
        try? loop.syncShutdownGracefully()
    }

    /// One that runs, with lines at rest: the next request is sent at once. What was told and opened at its start is not news.
    static func started(_ yaml: String) throws -> GatewayBench {
        let bench = try GatewayBench(yaml)
        _ = bench.start()
        bench.run(.seconds(1))
        _ = (bench.told.newLines(), bench.ports.news())
        return bench
    }

    static func configuration(
        _ yaml: String, after running: GatewayConfiguration? = nil
    ) throws -> GatewayConfiguration {
        var configuration = try GatewayConfiguration(
            Configuration(valuesOf: .init(flags: [:]), file: "c.yaml", bytes: Array(yaml.utf8)), after: running)
        // A socket is not for an embedded loop.
        configuration.control = .none
        return configuration
    }
}

extension GatewayBench {
    func start() -> Coming<[String]> { coming(gateway.start()) }

    func stop() -> Coming<Void> { coming(gateway.stop()) }

    /// Goes on by another configuration, without the control socket.
    func apply(_ yaml: String) throws -> Coming<[String]> {
        coming(gateway.apply(try Self.configuration(yaml, after: gateway.configuration)))
    }

    /// Reads the file again, which has changed.
    func reload(_ yaml: String) -> Coming<[String]> {
        file.text.withLock { $0 = yaml }
        return coming(control.reload())
    }

    func run(_ time: TimeAmount) { loop.advanceTime(by: time) }

    func connect(_ place: String, from host: String = "192.168.1.10") throws -> MemoryClient {
        guard let client = try ports.listener(place).connect(from: host) else { throw Refusal(place: place) }
        clients.append(client)
        return client
    }

    /// What the operator was told since this was asked last, without who came and left.
    func newLines() -> [String] {
        loop.run()
        return told.newLines().filter { !$0.contains(" has come in at ") && !$0.contains(" has left ") }
    }

    func newEvents() -> [BrokerEvent] {
        defer { events.all = [] }
        return events.all
    }

    func ask(_ command: ControlCommand) -> ControlReply? {
        if case .reply(let reply) = control.answer(command) { reply } else { nil }
    }

    var status: JSONValue {
        if case .result(let value)? = ask(.status) { value } else { .null }
    }

    private func coming<Value>(_ future: EventLoopFuture<Value>) -> Coming<Value> {
        let coming = Coming<Value>()
        future.assumeIsolated().whenComplete { coming.result = $0 }
        loop.run()
        return coming
    }
}

/// What comes of a future on the bench's loop.
final class Coming<Value> {
    fileprivate(set) var result: Result<Value, any Error>?

    /// nil: it is not there yet, or has failed.
    var value: Value? { try? result?.get() }

    /// In words; nil: it is not there yet, or has not failed.
    var error: String? {
        if case .failure(let error)? = result { "\(error)" } else { nil }
    }

    var isOver: Bool { result != nil }
}

extension JSONValue {
    subscript(_ key: String) -> JSONValue { members?.first { $0.key == key }?.value ?? .null }

    subscript(_ index: Int) -> JSONValue {
        if case .array(let values) = self, values.indices.contains(index) { values[index] } else { .null }
    }

    var count: Int { if case .array(let values) = self { values.count } else { 0 } }
}
