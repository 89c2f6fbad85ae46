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

    func note(_ event: SerialDevice.Event) {
        switch event {
        case .opened: events.append("opened")
        case .lost: events.append("lost")
        case .notOpened: events.append("not opened")
        }
        whenEvent.removeAll { wait in
            guard events.count >= wait.count else { return false }
            wait.promise.succeed()
            return true
        }
    }
}

@Suite struct SerialDeviceTests {
    private static let settings: SerialPortSettings? = {
        guard let baud = try? BaudRate(9600), let format = try? CharacterFormat("8N1") else { return nil }
        return SerialPortSettings(baud: baud, format: format)
    }()

    @Test func `R12 a device is waited for, opened, and opened again by its name after a loss`() async throws {
        let settings = try #require(Self.settings)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let link = "/tmp/growatt-broker-test-\(UInt64.random(in: 0 ... .max))"
        let bound = try await loop.submit {
            let record = Record()
            let device = SerialDevice(
                path: link, settings: settings, loop: loop, registry: PortRegistry(),
                received: { record.bytes += $0 }, report: { record.note($0) })
            device.open()
            return NIOLoopBound((record, device), eventLoop: loop)
        }.get()
        func events(_ count: Int) async throws -> [String] {
            let promise = loop.makePromise(of: Void.self)
            loop.execute {
                let record = bound.value.0
                if record.events.count >= count { promise.succeed() } else { record.whenEvent.append((count, promise)) }
            }
            try await promise.futureResult.get()
            return try await loop.submit { bound.value.0.events }.get()
        }
        #expect(try await events(1) == ["not opened"])
        let first = try PseudoTerminal(link: link)
        #expect(try await events(2) == ["not opened", "opened"])
        first.close()
        #expect(try await events(3).prefix(3) == ["not opened", "opened", "lost"])
        let second = try PseudoTerminal(link: link)
        // The link may be missing once more when it is tried.
        let fourth = try await events(4).last
        let last = fourth == "opened" ? fourth : try await events(5).last
        #expect(last == "opened")
        try await loop.flatSubmit { bound.value.1.stop() }.get()
        second.close()
    }
}
