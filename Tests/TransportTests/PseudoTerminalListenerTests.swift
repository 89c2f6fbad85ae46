import Broker
import Glibc
import Modbus
import NIOCore
import NIOPosix
import SerialLine
import Testing

@testable import Transport

@Suite struct PseudoTerminalListenerTests {
    private typealias Bench = PseudoTerminalBench.Handle

    @Test func `several programs in turn are one client, whose queries are told apart, and each gets its answers`()
        async throws
    {
        let bench = try await Bench()
        #expect(try await bench.start() == bench.path)
        for turn in 0..<3 {
            let program = try Program(bench.path)
            program.write(Program.readRequest(UInt16(turn)))
            let queries = try await bench.queries(turn + 1)
            #expect(queries.last?.address == UInt16(turn))
            #expect(queries.last?.client.name == "PTY:\(bench.path)")
            #expect(queries.last?.client.kind == .pty)
            #expect(try await bench.on { $0.listener.connected } == 1)
            try await bench.answerOldest()
            #expect(program.read(7) == Program.reply(UInt16(turn)))
            program.close()
            try await bench.connected(0)
        }
        // One, so that no queue lets a later program's write overtake an earlier one's.
        let clients = try await bench.on { Set($0.backend.queries.map { ObjectIdentifier($0.client) }) }
        #expect(clients.count == 1)
        #expect(try await bench.on { Set($0.backend.queries.map(\.id)) }.count == 3)
        try await bench.stop()
    }

    @Test func `R5 what a program that has closed did not fetch, and what comes later, never reaches the next one`()
        async throws
    {
        let bench = try await Bench()
        try await bench.start()
        let first = try Program(bench.path)
        first.write(Program.readRequest(1))
        _ = try await bench.queries(1)
        try await bench.answerOldest()
        first.write(Program.readRequest(2))
        let asked = try await bench.queries(2)
        first.close()
        try await bench.connected(0)
        #expect(try await bench.on { $0.backend.withdrawn } == asked.dropFirst().map(\.id))
        try await bench.answerOldest()
        let second = try Program(bench.path)
        try await bench.connected(1)
        #expect(second.readWaiting().isEmpty)
        second.write(Program.readRequest(3))
        _ = try await bench.queries(3)
        try await bench.answerOldest()
        #expect(second.read(7) == Program.reply(3))
        second.close()
        try await bench.stop()
    }

    @Test func `R5 an answer is not written to a program that has opened the port since it was asked for`() async throws
    {
        let bench = try await Bench()
        try await bench.start()
        let first = try Program(bench.path)
        first.write(Program.readRequest(1))
        _ = try await bench.queries(1)
        let path = bench.path
        let second = try await bench.on { bench in
            first.close()
            let second = try Program(path)
            second.write(Program.readRequest(2))
            // The loop knows of neither yet.
            bench.backend.answerOldest()
            return second
        }
        let queries = try await bench.queries(2)
        #expect(queries.first?.id != queries.last?.id)
        try await bench.answerOldest()
        #expect(second.read(7) == Program.reply(2))
        #expect(second.readWaiting().isEmpty)
        second.close()
        try await bench.stop()
    }

    @Test func `R5 what a program wrote just before it closed is answered to nobody, however quick the next one opens`()
        async throws
    {
        let bench = try await Bench()
        try await bench.start()
        let path = bench.path
        for (turn, request) in [Program.readRequest(1), Program.writeRequest(1)].enumerated() {
            // The loop knows of nothing until the second one has opened.
            let second = try await bench.on { _ in
                let first = try Program(path)
                first.write(request)
                first.close()
                return try Program(path)
            }
            let asked = try await bench.queries(2 * turn + 1)
            #expect(asked.last?.address == 1)
            try await bench.connected(1)
            #expect(try await bench.on { $0.backend.withdrawn }.contains(asked[2 * turn].id) == (turn == 0))
            try await bench.answerOldest()
            second.write(Program.readRequest(2))
            _ = try await bench.queries(2 * turn + 2)
            #expect(second.readWaiting().isEmpty)
            try await bench.answerOldest()
            #expect(second.read(7) == Program.reply(2))
            #expect(second.readWaiting().isEmpty)
            second.close()
            try await bench.connected(0)
        }
        try await bench.stop()
    }

    @Test(arguments: [Program.readRequest(2), Program.writeRequest(2)])
    func `R5 of what two programs wrote in turn each request is asked, and the second one's is answered`(
        request: [UInt8]
    ) async throws {
        let bench = try await Bench()
        try await bench.start()
        let path = bench.path
        let second = try await bench.on { _ in
            let first = try Program(path)
            first.write(Program.readRequest(3) + Program.writeRequest(1))
            first.close()
            let second = try Program(path)
            second.write(request)
            return second
        }
        #expect(try await bench.queries(2).map(\.address) == [1, 2])
        try await bench.answerOldest()
        try await bench.answerOldest()
        let expected = request == Program.writeRequest(2) ? request : Program.reply(2)
        #expect(second.read(expected.count) == expected)
        #expect(second.readWaiting().isEmpty)
        second.close()
        try await bench.stop()
    }

    @Test func `R5 what one program has asked is not answered to the next, which has written a part of a request`()
        async throws
    {
        let bench = try await Bench()
        try await bench.start()
        let path = bench.path
        let second = try await bench.on { _ in
            let first = try Program(path)
            first.write(Program.readRequest(1))
            first.close()
            let second = try Program(path)
            second.write([1, 3])
            return second
        }
        let asked = try await bench.queries(1)
        #expect(try await bench.on { $0.backend.withdrawn } == asked.map(\.id))
        try await bench.answerOldest()
        #expect(try await bench.on { $0.deliveries } == [.superseded])
        #expect(second.readWaiting().isEmpty)
        second.close()
        try await bench.stop()
    }

    @Test func `R5 an answer is not written behind a newer request, which is in the port and was not taken yet`()
        async throws
    {
        let bench = try await Bench()
        try await bench.start()
        let program = try Program(bench.path)
        program.write(Program.readRequest(1))
        _ = try await bench.queries(1)
        let loop = bench.loop
        let read = loop.makePromise(of: [UInt8].self)
        try await bench.on { bench in
            program.write(Program.readRequest(2))
            bench.backend.answerOldest()
            // Behind what writes it, before the loop looks what there is.
            loop.execute { read.succeed(program.readWaiting()) }
        }
        #expect(try await read.futureResult.get() == [])
        _ = try await bench.queries(2)
        try await bench.answerOldest()
        #expect(program.read(7) == Program.reply(2))
        program.close()
        try await bench.stop()
    }

    @Test func `R5 a late answer is dropped when something newer was asked`() async throws {
        let bench = try await Bench()
        try await bench.start()
        let program = try Program(bench.path)
        program.write(Program.readRequest(1))
        _ = try await bench.queries(1)
        program.write(Program.readRequest(2))
        _ = try await bench.queries(2)
        try await bench.answerOldest()
        try await bench.answerOldest()
        #expect(program.read(7) == Program.reply(2))
        #expect(try await bench.on { $0.deliveries } == [.superseded, .delivered])
        program.close()
        try await bench.stop()
    }

    @Test func `what is written just before the close is asked: a write is sent, a read is withdrawn`() async throws {
        let bench = try await Bench()
        try await bench.start()
        let path = bench.path
        try await bench.on { _ in
            let program = try Program(path)
            program.write(Program.writeRequest(1))
            program.close()
        }
        _ = try await bench.queries(1)
        try await bench.connected(0)
        #expect(try await bench.on { $0.backend.withdrawn.isEmpty })
        try await bench.answerOldest()
        try await bench.on { _ in
            let program = try Program(path)
            program.write(Program.readRequest(2))
            program.close()
        }
        let read = try #require(try await bench.queries(2).last)
        try await bench.connected(0)
        #expect(try await bench.on { $0.backend.withdrawn } == [read.id])
        let next = try Program(path)
        try await bench.connected(1)
        #expect(next.readWaiting().isEmpty)
        next.close()
        try await bench.stop()
    }

    @Test func `programs that open at the same instant, and close so, are not miscounted`() async throws {
        let bench = try await Bench()
        try await bench.start()
        let path = bench.path
        // The system reports both opens as one, and both closes.
        let (first, second) = try await bench.on { _ in (try Program(path), try Program(path)) }
        try await bench.connected(1)
        let third = try Program(path)
        first.close()
        second.write(Program.readRequest(1))
        _ = try await bench.queries(1)
        try await bench.answerOldest()
        #expect(second.read(7) == Program.reply(1))
        try await bench.on { _ in
            second.close()
            third.close()
        }
        try await bench.connected(0)
        try await bench.stop()
    }

    @Test func `a request may come byte by byte`() async throws {
        let bench = try await Bench()
        try await bench.start()
        let program = try Program(bench.path)
        try await bench.write(Program.writeRequest(5), inPiecesOf: 1, by: program) { !$0.backend.queries.isEmpty }
        #expect(try await bench.queries(1).first?.address == 5)
        program.close()
        try await bench.stop()
    }

    @Test func `a program that floods the port is kept waiting`() async throws {
        let bench = try await Bench()
        try await bench.start()
        let program = try Program(bench.path)
        try await bench.connected(1)
        let start = NIODeadline.now()
        let noise = [UInt8](repeating: 0xFF, count: 1024)
        var written = 0
        for _ in 0..<3000 {
            written += max(0, Glibc.write(program.descriptor, noise, noise.count))
            try await bench.on { _ in }
        }
        let elapsed = Int((NIODeadline.now() - start).nanoseconds / 1_000_000)
        // What the system keeps is at most 64 KiB each way.
        let allowed = 131_072 + ReadPacing.burst + elapsed * ReadPacing.bytesPerSecond / 1000
        #expect(written <= allowed, "in \(elapsed) ms")
        program.close()
        try await bench.connected(0)
        try await bench.stop()
    }

    @Test func `answers that nobody fetches neither block nor pile up`() async throws {
        let bench = try await Bench()
        try await bench.start()
        let program = try Program(bench.path)
        try await bench.on { $0.backend.answersAtOnce = true }
        for address in 0..<1999 {
            program.write(Program.readRequest(UInt16(address)))
            if address % 100 == 99 { _ = try await bench.queries(1) }
        }
        try await bench.write(Program.readRequest(1999), inPiecesOf: 8, by: program) {
            $0.backend.queries.last?.address == 1999
        }
        try await bench.until("its answer") { $0.deliveries.last == .delivered }
        #expect(program.read(7) == Program.reply(1999))
        #expect(try await bench.on { $0.listener.connected } == 1)
        program.close()
        try await bench.stop()
    }

    @Test func `an answer that comes at once reaches the program that has just opened the port`() async throws {
        let bench = try await Bench()
        try await bench.start()
        try await bench.on { $0.backend.answersAtOnce = true }
        let path = bench.path
        for address in 0..<50 {
            let program = try Program(path)
            program.write(Program.readRequest(UInt16(address)))
            #expect(program.read(7) == Program.reply(UInt16(address)))
            program.close()
        }
        try await bench.stop()
    }
}
