import Broker
import NIOCore
import ServiceLifecycle
import Settings
import Synchronization
import Testing

@testable import Gateway

/// The process as services: the order in which they begin and end.
@Suite struct GatewayServicesTests {
    /// What was done and told, in this order.
    private final class Journal: Sendable {
        private let lines = Mutex<[String]>([])

        func note(_ line: String) { lines.withLock { $0.append(line) } }

        var noted: [String] { lines.withLock { $0 } }
    }

    private struct Failure: Error {}

    private struct Fake: ProcessService {
        let name: String
        let journal: Journal
        let gateway: RunningGateway
        var failsToStart = false
        var failure: (any Error)?

        func start() async throws {
            if failsToStart { throw Failure() }
            journal.note("start \(name)")
        }

        func run() async throws {
            if let failure { throw failure }
            try? await gracefulShutdown()
            // The gateway goes on until all others have stopped.
            let state = try await gateway.snapshot().lines.first?.state
            journal.note("stop \(name), line \(state ?? "-")")
        }
    }

    private static func services(
        _ bench: RunningBench, _ events: ProcessEvents, _ journal: Journal, _ others: [ServiceMaking]
    ) -> GatewayServices {
        GatewayServices(
            gateway: bench.gateway, control: bench.control, events: events, others: others,
            tell: { journal.note("\($0.rawValue): \($1)") },
            notify: { messages in
                for message in messages {
                    switch message {
                    case .ready: journal.note("READY")
                    case .stopping: journal.note("STOPPING")
                    case .extendTimeout: journal.note("EXTEND_TIMEOUT")
                    case .alive, .reloading, .status: break
                    }
                }
            })
    }

    private static func fake(
        _ name: String, _ journal: Journal, failsToStart: Bool = false, failure: (any Error)? = nil
    ) -> ServiceMaking {
        ServiceMaking(name) {
            Fake(name: name, journal: journal, gateway: $0, failsToStart: failsToStart, failure: failure)
        }
    }

    @Test func `services start in order before it is ready, and stop in reverse order, the gateway last`() async throws
    {
        let (bench, events, journal) = (try RunningBench(), ProcessEvents(), Journal())
        let services = Self.services(bench, events, journal, [Self.fake("a", journal), Self.fake("b", journal)])
        try await services.run(at: .none, for: nil) { _ in
            journal.note("started")
            events.note { $0.endings += 1 }
        }
        #expect(
            journal.noted == [
                "start a", "start b", "started", "READY", "STOPPING", "EXTEND_TIMEOUT", "stop b, line open",
                "stop a, line open",
            ])
        #expect(try await bench.isStopped())
        try await bench.group.shutdownGracefully()
    }

    @Test func `a service that cannot start ends all, and it is never ready`() async throws {
        let (bench, events, journal) = (try RunningBench(), ProcessEvents(), Journal())
        let others = [Self.fake("a", journal), Self.fake("b", journal, failsToStart: true), Self.fake("c", journal)]
        await #expect(throws: Failure.self) {
            try await Self.services(bench, events, journal, others).run(at: .none, for: nil) { _ in
                journal.note("started")
            }
        }
        #expect(journal.noted == ["start a"])
        #expect(try await bench.isStopped())
        try await bench.group.shutdownGracefully()
    }

    @Test func `a service that fails ends the process in order, with its error`() async throws {
        let (bench, events, journal) = (try RunningBench(), ProcessEvents(), Journal())
        let others = [Self.fake("a", journal), Self.fake("b", journal, failure: Failure())]
        await #expect(throws: Failure.self) {
            try await Self.services(bench, events, journal, others).run(at: .none, for: nil) { _ in }
        }
        #expect(
            journal.noted == [
                "start a", "start b", "READY", "error: b has failed: Failure()", "STOPPING", "EXTEND_TIMEOUT",
                "stop a, line open",
            ])
        #expect(try await bench.isStopped())
        try await bench.group.shutdownGracefully()
    }

    @Test func `the end of its time ends it as a signal does`() async throws {
        let (bench, events, journal) = (try RunningBench(), ProcessEvents(), Journal())
        try await Self.services(bench, events, journal, []).run(at: .none, for: .milliseconds(1)) { _ in }
        #expect(journal.noted == ["READY", "STOPPING", "EXTEND_TIMEOUT"])
        try await bench.group.shutdownGracefully()
    }
}
