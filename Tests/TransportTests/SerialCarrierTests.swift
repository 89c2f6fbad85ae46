import Glibc
import NIOCore
import NIOPosix
import SerialLine
import Testing

@testable import Transport

/// What a device under test has said, on its loop.
private final class Record {
    var bytes: [UInt8] = []
    var events: [String] = []
    var whenEvent: [(count: Int, promise: EventLoopPromise<Void>)] = []

    func note(_ event: CarrierEvent) {
        switch event {
        case .opened: events.append("opened")
        case .lost: events.append("lost")
        case .notOpened(let reason): events.append(reason.contains("has ended") ? "ended" : "not opened")
        case .replaced, .said: break
        }
        whenEvent.removeAll { wait in
            guard events.count >= wait.count else { return false }
            wait.promise.succeed()
            return true
        }
    }
}

/// A device that is opened at a name of its own, on a real loop.
private struct DeviceBench {
    let link = "/tmp/growatt-broker-test-\(UInt64.random(in: 0 ... .max))"
    private let loop = MultiThreadedEventLoopGroup.singleton.next()
    private let bound: NIOLoopBound<(Record, SerialCarrier)>

    init() async throws {
        let settings = SerialPortSettings(baud: try BaudRate(9600), format: try CharacterFormat("8N1"))
        let (link, loop) = (link, loop)
        bound = try await loop.submit {
            let record = Record()
            let carrier = SerialCarrier(path: link, settings: settings, loop: loop, registry: PortRegistry())
            carrier.received = { record.bytes += $0.readableBytesView }
            carrier.report = { record.note($0) }
            return NIOLoopBound((record, carrier), eventLoop: loop)
        }.get()
    }

    func open() { loop.execute { [bound] in bound.value.1.open() } }

    func stop() async throws { try await loop.flatSubmit { [bound] in bound.value.1.stop() }.get() }

    /// What has been said, as soon as there is so much of it.
    func events(_ count: Int) async throws -> [String] {
        let promise = loop.makePromise(of: Void.self)
        loop.execute { [bound] in
            let record = bound.value.0
            if record.events.count >= count { promise.succeed() } else { record.whenEvent.append((count, promise)) }
        }
        try await promise.futureResult.get()
        return try await loop.submit { [bound] in bound.value.0.events }.get()
    }

    /// Makes the link as a program does that leaves it behind when it ends.
    func makeLink(to target: String) {
        symlink(target, link + ".new")
        rename(link + ".new", link)
    }
}

@Suite struct SerialCarrierTests {
    @Test func `R12 a device is waited for, opened, and opened again by its name after a loss`() async throws {
        let bench = try await DeviceBench()
        bench.open()
        #expect(try await bench.events(1) == ["not opened"])
        let first = try PseudoTerminal(link: bench.link)
        #expect(try await bench.events(2) == ["not opened", "opened"])
        first.close()
        #expect(try await bench.events(3).prefix(3) == ["not opened", "opened", "lost"])
        let second = try PseudoTerminal(link: bench.link)
        // The link may be missing once more when it is tried.
        let fourth = try await bench.events(4).last
        let last = fourth == "opened" ? fourth : try await bench.events(5).last
        #expect(last == "opened")
        try await bench.stop()
        second.close()
    }

    @Test func `R12 a link that outlives its pseudo-terminal is not followed until it is made anew`() async throws {
        let bench = try await DeviceBench()
        defer { unlink(bench.link) }
        let first = try PseudoTerminal()
        bench.makeLink(to: first.path)
        bench.open()
        #expect(try await bench.events(1) == ["opened"])
        first.close()
        // It may have the number that the link leads to.
        let second = try PseudoTerminal()
        #expect(try await bench.events(3) == ["opened", "lost", "ended"])
        bench.makeLink(to: second.path)
        #expect(try await bench.events(4) == ["opened", "lost", "ended", "opened"])
        try await bench.stop()
        second.close()
    }
}
