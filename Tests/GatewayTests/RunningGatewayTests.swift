import Broker
import Modbus
import NIOCore
import Synchronization
import Testing
import WireLog

@testable import Gateway

/// A gateway that is reached from other threads than its own.
@Suite struct RunningGatewayTests {
    private static let read = PDU(read: .readHoldingRegisters, address: 0, quantity: 1)

    /// What was told of the queries of the service.
    private static func told(_ event: BrokerEvent) -> String? {
        switch event {
        case .request(let query): "request \(query.client.name)"
        case .finished(let exchange, let delivery): "finished \(exchange.query.client.name) \(delivery)"
        default: nil
        }
    }

    private static func error(_ body: () async throws -> Void) async -> String? {
        do {
            try await body()
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func `a snapshot is had from another thread`() async throws {
        let bench = try await RunningBench.started()
        let snapshot = try await bench.running.snapshot()
        #expect(snapshot.lines.map(\.name) == ["house"] && snapshot.lines.map(\.state) == ["open"])
        try await bench.stop()
    }

    @Test func `a service may not write, and reaches no port with it`() async throws {
        let bench = try await RunningBench.started()
        let write = PDU(write: .writeSingleRegister, address: 3, value: 7)
        await #expect(throws: BrokerError.refused(.illegalFunction)) {
            try await bench.running.submit(write, to: 1)
        }
        let client = try await bench.running.snapshot().clients.first
        #expect(client?.address == "SERVICE:test" && client?.kind == "service" && client?.outcomes.refused == 1)
        try await bench.stop()
    }

    @Test func `a cancelled task withdraws its query, which ends once`() async throws {
        let bench = try await RunningBench.started()
        let reports = bench.running.reports()
        let asking = Task { try await bench.running.submit(Self.read, to: 1) }
        var told: [String] = []
        reading: for await batch in reports {
            told += batch.elements.compactMap { Self.told($0.event) }
            if told == ["request SERVICE:test"] { asking.cancel() }
            // It may be on the line already: then it ends with the line.
            if told.count == 1 { try await bench.loseLine() }
            if told.count == 2 { break reading }
        }
        #expect(told == ["request SERVICE:test", "finished SERVICE:test suppressed"])
        await #expect(throws: BrokerError.withdrawn) { try await asking.value }
        try await bench.stop()
    }

    @Test func `a task that was cancelled before asks nothing`() async throws {
        let bench = try await RunningBench.started()
        let asking = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await bench.running.submit(Self.read, to: 1)
        }
        await #expect(throws: BrokerError.withdrawn) { try await asking.value }
        try await bench.onLoop {}
        #expect(try await bench.running.snapshot().clients.isEmpty)
        try await bench.stop()
    }

    @Test func `what is asked of a stopped gateway ends with an error, before and after the end of its loop`()
        async throws
    {
        let bench = try await RunningBench.started()
        let reports = bench.running.reports()
        try await bench.loop.flatSubmit { [gateway = bench.gateway] in gateway.value.stop() }.get()
        await #expect(throws: BrokerError.stopping) { try await bench.running.submit(Self.read, to: 1) }
        try await bench.stop()
        await #expect(throws: BrokerError.stopping) { try await bench.running.submit(Self.read, to: 1) }
        #expect(await Self.error { _ = try await bench.running.snapshot() } == "the broker is stopping")
        #expect(await Self.error { _ = try await bench.running.reload() } == "the broker is stopping")
        // What was told before the end can still be had; then it is over.
        var told: [String] = []
        for await batch in reports { told += batch.elements.compactMap { Self.told($0.event) } }
        #expect(told == ["request SERVICE:test", "finished SERVICE:test delivered"])
        for await _ in bench.running.reports() { Issue.record("there are reports after the end") }
    }

    @Test func `a reader that is too slow loses the oldest reports, and is told how many`() async throws {
        let bench = try await RunningBench.started()
        let reports = bench.running.reports(capacity: 64)
        let total = 1000
        try await bench.onLoop { [gateway = bench.gateway] in
            for number in 0..<total {
                let event = BrokerEvent.discarded([UInt8(truncatingIfNeeded: number)], from: .line, reason: .noise)
                gateway.value.switchboard.reports.note(event, of: nil)
            }
        }
        var (lost, kept, last) = (0, 0, [UInt8]())
        for await batch in reports {
            lost += batch.lost
            kept += batch.elements.count
            if case .discarded(let bytes, _, _)? = batch.elements.last?.event { last = bytes }
            if lost + kept >= total { break }
        }
        #expect(lost + kept == total && kept <= 64 && kept > 32)
        #expect(last == [UInt8(truncatingIfNeeded: total - 1)])
        try await bench.stop()
    }

    @Test func `a reader that has gone is told nothing any more`() async throws {
        let bench = try await RunningBench.started()
        do {
            let reports = bench.running.reports()
            #expect(try await bench.readers() == 1)
            _ = consume reports
        }
        #expect(try await bench.readers() == 0)
        try await bench.stop()
    }

    @Test func `a reload tells what has changed, or why nothing has`() async throws {
        let isBroken = Mutex(false)
        let bench = try await RunningBench.started { running, _ in
            if isBroken.withLock({ $0 }) { throw GatewayError.refused("the file is broken") }
            return try GatewayBench.configuration(RunningBench.yaml + "\nclients: {rate: 5}", after: running)
        }
        #expect(try await bench.running.reload() == ["clients"])
        isBroken.withLock { $0 = true }
        #expect(await Self.error { _ = try await bench.running.reload() } == "the file is broken")
        try await bench.stop()
    }
}
