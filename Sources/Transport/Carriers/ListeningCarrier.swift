internal import Broker
internal import Modbus
package import NIOCore

/// A connection that a Modbus TCP server has dialled, and dials again after every loss (R12). Which of several it is, is
/// decided by ``DialledLine``.
package final class ListeningCarrier: Carrier {
    private var connections: DialledConnections?
    private let loop: any EventLoop
    private var decision = DialledLine()
    /// Of the connections that wait.
    private var skipped: [DialledLine.Connection: SkippedFrames] = [:]
    package let boundaries = CarrierBoundaries.stream
    package let isServer = true
    package var received: (ByteBuffer) -> Void = { _ in }
    package var report: (CarrierEvent) -> Void = { _ in }

    /// - Parameter port: 0–65535; 0: the system chooses one.
    package init(host: String, port: Int, _ entrance: ServerEntrance, loop: any EventLoop) {
        self.loop = loop
        let connections = DialledConnections(
            host: host, port: port, of: .server, entrance, loop: loop,
            whenFailed: { [weak self] in self?.report(.notOpened(reason: $0)) })
        connections.came = { [weak self] in self?.admit($0) }
        connections.received = { [weak self] in self?.received($0, from: $1) }
        connections.lost = { [weak self] in self?.lost($0, $1) }
        self.connections = connections
    }

    /// Begins to listen, and goes on trying until it does.
    package func open() { connections?.open() }

    /// Sends a request over the line's connection, which is the newest one if the last request had no answer.
    package func write(_ bytes: [UInt8]) {
        if let older = decision.asking() { replace(older) }
        if let line = decision.line { connections?.write(bytes, to: line) }
    }

    package func noteUse() { decision.answered() }

    package func reopen() { close("nothing answers") }

    package func close(_ reason: String) {
        if let line = decision.line { connections?.close(line, reason) }
    }

    package func stop() -> EventLoopFuture<Void> { connections?.stop() ?? loop.makeSucceededVoidFuture() }

    package var listening: (any DialledPort)? { connections }
}

extension ListeningCarrier {
    private func admit(_ connection: DialledLine.Connection) {
        let hasLine = decision.line != nil
        if let crowded = decision.came(connection) { connections?.close(crowded, "others have come") }
        if !hasLine { report(.opened()) }
    }

    /// - Parameter older: has left a request unanswered.
    private func replace(_ older: DialledLine.Connection) {
        connections?.drop(older, "a newer connection has taken its place")
        report(.replaced(reason: "it left a request unanswered"))
        deliverRest()
    }

    private func received(_ bytes: ByteBuffer, from connection: DialledLine.Connection) {
        guard connection != decision.line else { return received(bytes) }
        let isModbus = skipped[connection, default: SkippedFrames()].skip(bytes)
        if !isModbus { connections?.close(connection, "what it sends is no Modbus TCP") }
    }

    private func lost(_ connection: DialledLine.Connection, _ reason: String) {
        skipped[connection] = nil
        switch decision.lost(connection) {
        case .waiting: return
        case .replaced: report(.replaced(reason: reason))
        case .line:
            report(.lost(reason: reason))
            if decision.line != nil { report(.opened()) }
        }
        deliverRest()
    }

    /// The line's connection may have sent the first part of a frame while it waited.
    private func deliverRest() {
        guard let line = decision.line, let rest = skipped.removeValue(forKey: line)?.rest else { return }
        received(rest)
    }
}

/// What comes over a connection while nothing is asked there.
private struct SkippedFrames {
    /// What has come of a frame.
    private var held = ByteBuffer()

    /// Drops frames.
    ///
    /// - Returns: whether it is Modbus TCP.
    mutating func skip(_ bytes: ByteBuffer) -> Bool {
        var bytes = bytes
        held.writeBuffer(&bytes)
        do throws(MBAPError) {
            while try TCPFrame(&held) != nil {}
        } catch {
            return false
        }
        held.discardReadBytes()
        return true
    }

    /// nil: nothing.
    var rest: ByteBuffer? { held.readableBytes > 0 ? held : nil }
}
