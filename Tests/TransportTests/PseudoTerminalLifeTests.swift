import Broker
import Glibc
import NIOCore
import NIOPosix
import SerialLine
import Synchronization
import Testing

@testable import Transport

/// How a virtual port comes and goes.
@Suite struct PseudoTerminalLifeTests {
    private typealias Bench = PseudoTerminalBench.Handle

    private static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    @Test func `a stop removes the name and closes the pair, and a start brings both back`() async throws {
        let bench = try await Bench()
        try await bench.start()
        let program = try Program(bench.path)
        try await bench.connected(1)
        program.write(Program.readRequest(1))
        let asked = try await bench.queries(1)
        try await bench.stop()
        #expect(!Self.exists(bench.path))
        #expect(try await bench.on { $0.listener.connected } == 0)
        #expect(try await bench.on { $0.backend.withdrawn } == asked.map(\.id))
        var query = pollfd(fd: program.descriptor, events: Int16(POLLIN), revents: 0)
        #expect(poll(&query, 1, 10_000) == 1)
        #expect(Int32(query.revents) & POLLHUP != 0)
        try await bench.answerOldest()
        program.close()
        #expect(try await bench.start() == bench.path)
        let next = try Program(bench.path)
        next.write(Program.readRequest(2))
        _ = try await bench.queries(2)
        try await bench.answerOldest()
        #expect(next.read(7) == Program.reply(2))
        next.close()
        try await bench.stop()
        #expect(try await bench.on { $0.reports } == [])
    }

    @Test func `a stop while it starts leaves nothing behind`() async throws {
        let bench = try await Bench()
        let started = try await bench.on { bench in
            let started = bench.listener.start()
            bench.listener.stopAccepting()
            return started
        }
        await #expect(throws: (any Error).self) { try await started.get() }
        try await bench.stop()
        #expect(!Self.exists(bench.path))
    }

    @Test func `the name of a living port is refused, and one that was left behind is replaced`() async throws {
        let bench = try await Bench()
        #expect(symlink("/dev/pts/nowhere", bench.path) == 0)
        try await bench.start()
        let path = bench.path
        let access = try PseudoTerminalAccess().resolved(for: path)
        for name in [path, "/tmp/./\(path.dropFirst(5))"] {
            #expect(throws: SerialLineError.nameTaken(path: name)) {
                _ = try VirtualPort(path: name, access: access)
            }
        }
        let program = try Program(path)
        program.write(Program.readRequest(1))
        _ = try await bench.queries(1)
        program.close()
        try await bench.stop()
        _ = try VirtualPort(path: path, access: access)
        #expect(!Self.exists(path))
    }

    @Test func `a user that does not exist is one error with the path, the name and the reason`() async throws {
        let bench = try await Bench(access: PseudoTerminalAccess(owner: "nobody-of-this-name"))
        let error = await #expect(throws: SerialLineError.self) { try await bench.start() }
        #expect(error?.description == "\(bench.path): owner 'nobody-of-this-name': there is no such user")
        #expect(!Self.exists(bench.path))
    }

    @Test func `a pair that breaks is reported, and opened again under the same name`() async throws {
        // A loop of its own: one with many others may tell of the closes and of the hang-up in two turns, and between them the
        // port finds out who is there, which mends the pair without a word.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let bench = try await Bench(on: group.next())
        try await bench.start()
        let program = try Program(bench.path)
        try await bench.connected(1)
        // On the loop, which would open it again if it noticed half of it.
        try await bench.on { [path = bench.path] _ in try Self.closeOtherSide(of: path) }
        try await bench.until("a report") { $0.reports.count == 1 }
        #expect(try await bench.on { $0.reports.first?.hasPrefix("\(bench.path): the port is lost") == true })
        #expect(try await bench.on { $0.wasThereAtReports } == [false])
        try await bench.until("the name") { [path = bench.path] _ in Self.exists(path) }
        let next = try Program(bench.path)
        next.write(Program.readRequest(1))
        _ = try await bench.queries(1)
        next.close()
        program.close()
        try await bench.stop()
        #expect(try await bench.on { $0.reports.count } == 1)
        try await group.shutdownGracefully()
    }

    @Test func `after a hang-up of the terminal by its program the next one is served`() async throws {
        let bench = try await Bench()
        try await bench.start()
        let program = try Program(bench.path)
        try await bench.connected(1)
        // TIOCVHANGUP; only root may.
        let hangUp: UInt = 0x5437
        #expect(ioctl(program.descriptor, hangUp) == 0 || errno == EPERM)
        program.close()
        try await bench.connected(0)
        let next = try Program(bench.path)
        next.write(Program.readRequest(1))
        _ = try await bench.queries(1)
        try await bench.answerOldest()
        #expect(next.read(7) == Program.reply(1))
        next.write(Program.readRequest(2))
        _ = try await bench.queries(2)
        try await bench.answerOldest()
        next.close()
        try await bench.connected(0)
        let last = try Program(bench.path)
        try await bench.connected(1)
        #expect(last.readWaiting().isEmpty)
        last.close()
        try await bench.stop()
    }

    /// Puts /dev/null in the place of everything that this process has open of a port, but for its own side.
    private static func closeOtherSide(of path: String) throws {
        var node = stat()
        try #require(stat(path, &node) == 0)
        let nowhere = open("/dev/null", O_RDWR | O_CLOEXEC)
        for descriptor in 0..<Int32(4096) {
            var status = stat()
            guard fstat(descriptor, &status) == 0, status.st_rdev == node.st_rdev else { continue }
            dup2(nowhere, descriptor)
        }
        close(nowhere)
    }

    @Test func `a port that nobody has open, or that somebody has had open, wakes nobody`() async throws {
        final class Ticks: NIOEventLoopMetricsDelegate, Sendable {
            let count = Atomic(0)
            func processedTick(info: NIOEventLoopTickInfo) { count.add(1, ordering: .relaxed) }
        }
        let ticks = Ticks()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1, metricsDelegate: ticks)
        let bench = try await Bench(on: group.next())
        try await bench.start()
        for _ in 0..<3 {
            let before = ticks.count.load(ordering: .relaxed)
            try await bench.loop.scheduleTask(in: .milliseconds(50)) {}.futureResult.get()
            #expect(ticks.count.load(ordering: .relaxed) - before < 10)
            let program = try Program(bench.path)
            program.write(Program.readRequest(1))
            try await bench.connected(1)
            program.close()
            try await bench.connected(0)
        }
        try await bench.stop()
        try await group.shutdownGracefully()
    }
}
