package import Broker
package import NIOCore

/// The dongle on the port of a serial server that dials in.
///
/// There is one connection at a time, and the newest that has sent a whole request is it: a server that has lost its power
/// leaves one behind that looks alive. So anybody who may come in and speaks Modbus can take the place of the dongle, but
/// for the time of a firmware update; the rules for addresses are what keeps others out. Made and used on the event loop
/// only.
package final class ListeningClientPort: ClientPort {
    package enum Event {
        /// The address, with the port that the system chose for port 0.
        case listening(at: String)
        /// `notOpened`: the address cannot be had.
        case connection(CarrierEvent)
    }

    /// So many may be connected besides the dongle that have asked nothing yet; if more come, the oldest is closed.
    static let maximumNewcomers = 4
    /// Who has asked nothing for so long is closed, unless it is the dongle.
    static let patience: TimeAmount = .seconds(60)
    /// A port that is lent is taken over only when it has been silent for so long.
    static let lentSilence: TimeAmount = .seconds(10)

    private let entrance: ClientEntrance
    private let report: (Event) -> Void
    private var stream: StreamClient?
    private var server: DialledServer?
    private var connection: ByteStreamHandler?
    /// When it was last heard.
    private var heard = NIODeadline.distantPast
    /// Who has connected since, the oldest first.
    private var newcomers: [Newcomer] = []
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
        stream = StreamClient(
            client, path: entrance.path, settings: entrance.settings, loop: entrance.loop,
            observe: entrance.observe, said: { report(.connection(.said($0))) }
        ) { [weak self] in self?.connection?.write($0) }
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
        connection?.close("stopped")
        connection = nil
        for newcomer in newcomers { newcomer.connection.close("stopped") }
        newcomers = []
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
        let connection = ByteStreamHandler(peer: .client)
        connection.received = { [weak self, weak connection] in self?.received($0, from: connection) }
        connection.closed = { [weak self, weak connection] in self?.lost(connection, $0) }
        try channel.pipeline.syncOperations.addHandlers(ReadPacing(EventLoopTimeline(entrance.loop)), connection)
        guard self.connection != nil else { return takePlace(connection) }
        admit(Newcomer(connection, loop: entrance.loop))
    }

    /// A health check or a scan must not cut the dongle off: without a request nobody takes its place.
    private func admit(_ newcomer: Newcomer) {
        // Nor may those that only wait keep the dongle out, should it have dialled in again.
        if newcomers.count == Self.maximumNewcomers {
            newcomers.removeFirst().connection.close("it has asked nothing, and others have come")
        }
        newcomers.append(newcomer)
        entrance.loop.assumeIsolated().scheduleTask(in: Self.patience) { [weak self, weak newcomer] in
            guard let self, let newcomer, newcomers.contains(where: { $0 === newcomer }) else { return }
            newcomer.connection.close("it has asked nothing")
        }
    }

    private func takePlace(_ connection: ByteStreamHandler) {
        let older = self.connection
        older?.close("a newer connection has taken its place")
        // Told by now, as closing happens at once; if not, it would take the new one's place.
        if self.connection != nil { lost(older, "a newer connection has taken its place") }
        self.connection = connection
        heard = entrance.loop.now
        stream?.opened()
        report(.connection(.opened()))
    }

    private func received(_ bytes: ByteBuffer, from connection: ByteStreamHandler?) {
        guard let connection else { return }
        guard let newcomer = newcomers.first(where: { $0.connection === connection }) else {
            return receivedFromDongle(bytes, connection)
        }
        if session?.isLent == true { return receivedDuringUpdate(bytes, newcomer) }
        switch newcomer.received(Array(bytes.readableBytesView)) {
        case .nothing: break
        case .request(let asked): takePlace(newcomer, with: ByteBuffer(bytes: asked))
        case .noise: closeNoisy(connection)
        }
    }

    /// An update has other bytes than requests.
    private func receivedDuringUpdate(_ bytes: ByteBuffer, _ newcomer: Newcomer) {
        let mayTakePlace = connection == nil || heard + Self.lentSilence <= entrance.loop.now
        guard mayTakePlace else { return newcomer.connection.close("a firmware update goes on") }
        takePlace(newcomer, with: bytes)
    }

    private func takePlace(_ newcomer: Newcomer, with bytes: ByteBuffer) {
        newcomers.removeAll { $0 === newcomer }
        takePlace(newcomer.connection)
        receivedFromDongle(bytes, newcomer.connection)
    }

    private func receivedFromDongle(_ bytes: ByteBuffer, _ connection: ByteStreamHandler) {
        guard connection === self.connection else { return }
        heard = entrance.loop.now
        if stream?.received(bytes) == false { closeNoisy(connection) }
    }

    private func closeNoisy(_ connection: ByteStreamHandler) {
        entrance.noteInvalid()
        connection.close(StreamClient.noiseReason)
    }

    private func lost(_ connection: ByteStreamHandler?, _ reason: String) {
        newcomers.removeAll { $0.connection === connection }
        guard let connection, connection === self.connection else { return }
        self.connection = nil
        stream?.closed()
        report(.connection(.lost(reason: reason)))
    }
}
