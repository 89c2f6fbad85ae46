package import Broker
internal import Modbus
package import NIOCore

extension ClientEntrance {
    func serveMBAP(_ channel: any Channel) throws {
        let visit = begin(Client(.tcp, at: channel.remoteAddress))
        try channel.pipeline.syncOperations.addHandler(ModbusTCPHandler(self, visit, writes: .toDescriptor))
    }

    /// What serves a connection behind a handler that changes its bytes (TLS).
    ///
    /// - Parameter failure: the words for an error of that handler.
    package func handler(of visit: ClientVisit, failure: @escaping (any Error) -> String) -> any ChannelHandler {
        ModbusTCPHandler(self, visit, writes: .throughPipeline, failure: failure)
    }

    func session(of visit: ClientVisit, send: @escaping (TCPFrame) -> Void) -> TCPClientSession {
        TCPClientSession(
            client: visit.client, path: path, settings: settings, timeline: EventLoopTimeline(loop),
            observe: observer(of: visit), send: send)
    }
}

extension [UInt8] {
    /// Whether they are an RTU request: a read from register 0 looks like a header of Modbus TCP, and its CRC would be
    /// taken for a unit and a function.
    var areRTU: Bool { ForeignSpeech(fromClient: self, hasTransactions: true) != nil }
}

/// A client that sends one frame in each datagram, header included, and gets replies alike.
final class MBAPPeer: DatagramPeer {
    private let entrance: ClientEntrance
    private let visit: ClientVisit
    private let session: TCPClientSession

    init(_ entrance: ClientEntrance, _ address: SocketAddress, send: @escaping ([UInt8]) -> Void) {
        self.entrance = entrance
        visit = entrance.begin(Client(.udp, at: address))
        session = entrance.session(of: visit) { send($0.bytes) }
    }

    var outstanding: Int { session.outstanding }

    func received(_ datagram: ByteBuffer, at instant: Instant) {
        guard let frame = TCPFrame(datagram: datagram), !isRTU(datagram) else { return entrance.noteInvalid() }
        guard session.hasRoom else { return entrance.noteDropped() }
        session.received(frame, arrived: instant)
    }

    /// A request of Modbus TCP without data, 8 bytes, is as long as a read of RTU.
    private func isRTU(_ datagram: ByteBuffer) -> Bool {
        datagram.readableBytes == 8 && Array(datagram.readableBytesView).areRTU
    }

    func close(_ reason: String) {
        session.close()
        entrance.end(visit, reason)
    }
}
