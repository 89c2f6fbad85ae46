package import Broker
package import NIOCore

/// The dongle on the port of a serial server that dials in. Which of several connections it is, is decided by
/// ``DialledDongle``. Made and used on the event loop only.
package final class ListeningClientPort: ClientPort {
    package enum Event {
        /// The address, with the port that the system chose for port 0.
        case listening(at: String)
        /// `notOpened`: the address cannot be had.
        case connection(CarrierEvent)
    }

    private let entrance: ClientEntrance
    private let report: (Event) -> Void
    private var stream: StreamClient?
    private var server: DialledServer?
    private var decision = DialledDongle()
    private var timer: (any WakeTimer)?
    /// Their order is that in which they have come.
    private var connections: [(number: DialledDongle.Connection, stream: ByteStreamHandler)] = []
    /// How many have come.
    private var count = 0
    private let timeline: EventLoopTimeline
    package let client: Client
    package var session: SerialClientSession? { stream?.session }

    /// - Parameters:
    ///   - port: 0: the system chooses one.
    ///   - client: named `SHINE` in the wire log.
    ///   - entrance: with the settings of this client and the rules for its address. It is not counted among the clients,
    ///     whose limits must not keep it from taking its own place again.
    package init(
        host: String, port: Int, client: Client, _ entrance: ClientEntrance, report: @escaping (Event) -> Void
    ) {
        self.client = client
        self.entrance = entrance
        self.report = report
        timeline = EventLoopTimeline(entrance.loop)
        stream = StreamClient(
            client, path: entrance.path, settings: entrance.settings, loop: entrance.loop,
            observe: entrance.observe, said: { report(.connection(.said($0))) }
        ) { [weak self] in self?.write($0) }
        timer = timeline.makeTimer { [weak self] in self?.decide { $0.advance(to: $1) } }
        server = DialledServer(
            host: host, port: port, entrance.sockets, loop: entrance.loop,
            accept: { [weak self] channel in
                guard let self else { throw ChannelError.connectTimeout(.zero) }
                try accept(channel)
            },
            whenListening: { report(.listening(at: $0)) },
            whenFailed: { report(.connection(.notOpened(reason: $0))) })
    }

    package func open() { server?.open() }

    package func stop() -> EventLoopFuture<Void>? {
        let freed = server?.stop()
        stream?.closed()
        for connection in connections { connection.stream.close("stopped") }
        return freed
    }
}

extension ListeningClientPort: DialledPort {
    package func stopListening() -> EventLoopFuture<Void> {
        server?.stopListening() ?? entrance.loop.makeSucceededVoidFuture()
    }

    package func listenAgain() { server?.listenAgain() }
}

extension ListeningClientPort {
    private func accept(_ channel: any Channel) throws {
        // Failing closes it.
        guard entrance.permits(channel.remoteAddress) else { throw ChannelError.connectTimeout(.zero) }
        count += 1
        let (number, stream) = (count, ByteStreamHandler(peer: .client))
        stream.received = { [weak self] bytes in
            guard let self else { return }
            let isLent = session?.isLent == true
            decide { $0.received(Array(bytes.readableBytesView), from: number, isLent: isLent, at: $1) }
        }
        stream.closed = { [weak self] in self?.lost(number, $0) }
        try channel.pipeline.syncOperations.addHandlers(ReadPacing(timeline), stream)
        connections.append((number, stream))
        decide { $0.came(number, at: $1) }
    }

    private func lost(_ number: DialledDongle.Connection, _ reason: String) {
        connections.removeAll { $0.number == number }
        decide { decision, _ in decision.lost(number, reason) }
    }

    private func decide(_ input: (inout DialledDongle, Instant) -> [DialledDongle.Effect]) {
        let effects = input(&decision, timeline.now)
        timer?.set(decision.nextChange)
        for effect in effects { perform(effect) }
    }

    private func perform(_ effect: DialledDongle.Effect) {
        switch effect {
        case .close(let number, let reason): close(number, reason)
        case .opened:
            stream?.opened()
            report(.connection(.opened()))
        case .lost(let reason):
            stream?.closed()
            report(.connection(.lost(reason: reason)))
        case .deliver(let bytes):
            if stream?.received(ByteBuffer(bytes: bytes)) == false, let dongle = decision.dongle {
                close(dongle, StreamNoise.reason)
            }
        }
    }

    private func write(_ bytes: [UInt8]) {
        if let dongle = decision.dongle { connection(dongle)?.write(bytes) }
    }

    private func close(_ number: DialledDongle.Connection, _ reason: String) { connection(number)?.close(reason) }

    private func connection(_ number: DialledDongle.Connection) -> ByteStreamHandler? {
        connections.first { $0.number == number }?.stream
    }
}
