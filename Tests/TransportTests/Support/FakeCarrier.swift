import NIOCore
import NIOEmbedded
import Transport

/// A carrier in memory: the test says what happens to it.
final class FakeCarrier: Carrier {
    let boundaries: CarrierBoundaries
    let isServer: Bool
    var received: (ByteBuffer) -> Void = { _ in }
    var report: (CarrierEvent) -> Void = { _ in }
    private(set) var written: [[UInt8]] = []
    private(set) var calls: [String] = []
    /// Called once, before the next bytes are written.
    var whenWriting: () -> Void = {}

    init(_ boundaries: CarrierBoundaries, isServer: Bool) {
        self.boundaries = boundaries
        self.isServer = isServer
    }

    func open() { calls.append("open") }

    func write(_ bytes: [UInt8]) {
        whenWriting()
        whenWriting = {}
        written.append(bytes)
    }

    func noteUse() { calls.append("used") }

    func reopen() { calls.append("reopen") }

    /// As a connection does it: the loss is told from within.
    func close(_ reason: String) {
        calls.append("close: \(reason)")
        report(.lost(reason: reason))
    }

    func stop() -> EventLoopFuture<Void> {
        calls.append("stop")
        return EmbeddedEventLoop().makeSucceededVoidFuture()
    }

    func receive(_ bytes: [UInt8]) { received(ByteBuffer(bytes: bytes)) }
}
