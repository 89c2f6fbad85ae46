internal import Broker
internal import Modbus
package import NIOCore

/// A connection that a Modbus TCP server has dialled, and dials again after every loss (R12). Which of several it is, is
/// decided by ``DialledLine``.
package final class ListeningCarrier: Carrier {
    private let loop: any EventLoop
    private let entrance: ServerEntrance
    private var server: DialledServer?
    private var decision = DialledLine()
    /// Their order is that in which they have come.
    private var connections: [DialledConnection] = []
    /// How many have come.
    private var count = 0
    package let boundaries = CarrierBoundaries.stream
    package let isServer = true
    package var received: (ByteBuffer) -> Void = { _ in }
    package var report: (CarrierEvent) -> Void = { _ in }

    /// - Parameter port: 0–65535; 0: the system chooses one.
    package init(host: String, port: Int, _ entrance: ServerEntrance, loop: any EventLoop) {
        self.entrance = entrance
        self.loop = loop
        server = DialledServer(
            host: host, port: port, entrance.sockets, loop: loop,
            accept: { [weak self] channel in
                guard let self else { throw ChannelError.connectTimeout(.zero) }
                try accept(channel)
            },
            whenListening: { entrance.whenListening($0) },
            whenFailed: { [weak self] in self?.report(.notOpened(reason: $0)) })
    }

    /// Begins to listen, and goes on trying until it does.
    package func open() { server?.open() }

    /// Sends a request over the line's connection, which is the newest one if the last request had no answer.
    package func write(_ bytes: [UInt8]) {
        let older = line
        if decision.asking() != nil { replace(older) }
        line?.stream.write(bytes)
    }

    package func noteUse() { decision.answered() }

    package func reopen() { close("nothing answers") }

    package func close(_ reason: String) { line?.stream.close(reason) }

    package func stop() -> EventLoopFuture<Void> {
        let freed = server?.stop() ?? loop.makeSucceededVoidFuture()
        let open = connections
        connections = []
        for connection in open { connection.stream.close("stopped") }
        return freed
    }
}

extension ListeningCarrier: DialledPort {
    package func stopListening() -> EventLoopFuture<Void> {
        server?.stopListening() ?? loop.makeSucceededVoidFuture()
    }

    package func listenAgain() { server?.listenAgain() }
}

extension ListeningCarrier {
    private var line: DialledConnection? { decision.line.flatMap { connection($0) } }

    private func connection(_ number: Int) -> DialledConnection? { connections.first { $0.number == number } }

    private func accept(_ channel: any Channel) throws {
        // Failing closes it.
        guard entrance.permits(channel.remoteAddress) else { throw ChannelError.connectTimeout(.zero) }
        count += 1
        let connection = DialledConnection(count)
        connection.stream.opened = { [weak self, weak connection] in self?.admit(connection) }
        connection.stream.received = { [weak self, weak connection] in self?.received($0, from: connection) }
        connection.stream.closed = { [weak self, weak connection] in self?.lost(connection, $0) }
        try channel.pipeline.syncOperations.addHandlers(ReadPacing(EventLoopTimeline(loop)), connection.stream)
        connections.append(connection)
    }

    private func admit(_ connection: DialledConnection?) {
        guard let connection else { return }
        let hasLine = decision.line != nil
        if let crowded = decision.came(connection.number) {
            self.connection(crowded)?.stream.close("others have come")
        }
        if !hasLine { report(.opened()) }
    }

    /// - Parameter older: has left a request unanswered.
    private func replace(_ older: DialledConnection?) {
        // No longer heard, whenever its end is told.
        connections.removeAll { $0 === older }
        older?.stream.close("a newer connection has taken its place")
        report(.replaced(reason: "it left a request unanswered"))
        deliverRest()
    }

    private func received(_ bytes: ByteBuffer, from connection: DialledConnection?) {
        guard let connection, connections.contains(where: { $0 === connection }) else { return }
        guard connection.number != decision.line else { return received(bytes) }
        if !connection.skip(bytes) { connection.stream.close("what it sends is no Modbus TCP") }
    }

    private func lost(_ connection: DialledConnection?, _ reason: String) {
        guard let connection, connections.contains(where: { $0 === connection }) else { return }
        connections.removeAll { $0 === connection }
        switch decision.lost(connection.number) {
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
        if let rest = line?.takeRest() { received(rest) }
    }
}

/// A connection that has been dialled by the other side. On the event loop only.
private final class DialledConnection {
    let number: DialledLine.Connection
    let stream = ByteStreamHandler(peer: .server)
    /// What has come of a frame.
    private var held = ByteBuffer()

    init(_ number: DialledLine.Connection) { self.number = number }

    /// Drops the frames that come while nothing is asked here.
    ///
    /// - Returns: whether it is Modbus TCP.
    func skip(_ bytes: ByteBuffer) -> Bool {
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
    func takeRest() -> ByteBuffer? {
        defer { held = ByteBuffer() }
        return held.readableBytes > 0 ? held : nil
    }
}
