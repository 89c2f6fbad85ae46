internal import Broker
internal import Modbus
internal import NIOCore

extension ClientEntrance {
    /// A connection as through a serial server: a serial client (R5, R6). It is closed if it sends nothing but noise, or
    /// does not fetch its answers.
    func serveRTU(_ channel: any Channel) throws {
        try channel.syncOptions?.setOption(TCPLiveness.unacknowledged.name, value: TCPLiveness.unacknowledged.value)
        let stream = ByteStreamHandler(peer: .client)
        let visit = begin(Client(.rtu, at: channel.remoteAddress))
        let client = streamClient(of: visit, observe: observer(of: visit)) { [weak stream] in stream?.write($0) }
        var isFirst = true
        stream.received = { [weak self, weak stream] bytes in
            if isFirst { self?.whenFirst(Array(bytes.readableBytesView), visit.client.address) }
            isFirst = false
            guard !client.received(bytes) else { return }
            self?.noteInvalid()
            stream?.close(StreamNoise.reason)
        }
        stream.closed = { [weak self] reason in
            client.closed()
            self?.end(visit, reason)
        }
        try channel.pipeline.syncOperations.addHandlers(ReadPacing(EventLoopTimeline(loop)), stream)
        client.opened()
    }

    /// Clients that speak RTU over a network are as patient as those of Modbus TCP.
    fileprivate func streamClient(
        of visit: ClientVisit, observe: @escaping (BrokerEvent) -> Void, send: @escaping ([UInt8]) -> Void
    ) -> StreamClient {
        var settings = settings
        settings.serialTimeout = settings.timeToAnswer
        return StreamClient(visit.client, path: path, settings: settings, loop: loop, observe: observe, send: send)
    }
}

/// A serial client (R5, R6) whose datagrams hold the bytes of one frame, or of several: only its newest request is
/// answered, in one datagram of at most 256 bytes.
///
/// Nothing numbers the requests: the same write once more, soon after its reply, is taken for the reply that came back.
final class RTUPeer: DatagramPeer {
    private let entrance: ClientEntrance
    private let visit: ClientVisit
    private let client: StreamClient

    init(_ entrance: ClientEntrance, _ address: SocketAddress, send: @escaping ([UInt8]) -> Void) {
        self.entrance = entrance
        visit = entrance.begin(Client(.rtu, at: address))
        let observe = entrance.observer(of: visit)
        client = entrance.streamClient(
            of: visit,
            observe: { [weak entrance] event in
                if case .discarded(_, .client, .noise) = event { entrance?.noteInvalid() }
                observe(event)
            }, send: send)
        client.opened()
    }

    var outstanding: Int { client.session.outstanding }

    func received(_ datagram: ByteBuffer, at instant: Instant) {
        // There is no connection that noise could close.
        _ = client.received(datagram)
    }

    func close(_ reason: String) {
        client.closed()
        entrance.end(visit, reason)
    }

    /// Whether there is a request among the bytes; one of unknown layout ends with them.
    static func holdsRequest(_ datagram: ByteBuffer) -> Bool {
        var scanner = RTURequestScanner()
        var findings = scanner.received(datagram.readableBytesView, afterSilence: true)
        if let silence = scanner.awaits { findings += scanner.silence(silence) }
        return findings.contains { if case .request = $0 { true } else { false } }
    }
}
