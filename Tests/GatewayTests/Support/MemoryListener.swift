import Endpoints
import Glibc
import Modbus
import NIOCore
import NIOEmbedded
import SerialLine
import Settings
import Testing

@testable import Broker
@testable import Gateway
@testable import Transport

/// A listener in memory, where clients of Modbus TCP come in.
final class MemoryListener: NamedListener {
    let place: String
    private(set) var isListening = false
    private(set) var clients: [MemoryClient] = []
    private(set) var access: PseudoTerminalAccess?
    private let kind: ListenerSettings.Kind
    private let entrance: ClientEntrance
    private let ports: MemoryPorts

    init(_ kind: ListenerSettings.Kind, _ entrance: ClientEntrance, _ ports: MemoryPorts) {
        self.kind = kind
        place = kind.place
        self.entrance = entrance
        self.ports = ports
    }

    var connected: Int { entrance.connected }

    func start() -> EventLoopFuture<String> {
        let promise = ports.loop.makePromise(of: String.self)
        ports.perform { [self] in promise.completeWith(Result { try listen() }) }
        return promise.futureResult
    }

    private func listen() throws -> String {
        let isInTheWay = ports.listeners.contains { $0.isListening && $0 !== self && $0.kind.isInTheWay(of: kind) }
        guard !isInTheWay, !ports.refused.contains(place) else { throw IOError(errnoCode: EADDRINUSE, reason: "bind") }
        ports.note("listen \(place)")
        ports.take(place, for: self)
        isListening = true
        return place
    }

    func stopAccepting() -> EventLoopFuture<Void> {
        if isListening { ports.note("end \(place)") }
        isListening = false
        ports.release(place, of: self)
        return ports.loop.makeSucceededVoidFuture()
    }

    func closeConnections() -> EventLoopFuture<Void> {
        if !clients.isEmpty { ports.note("hang up \(place)") }
        for client in clients { client.close() }
        clients = []
        return ports.loop.makeSucceededVoidFuture()
    }

    func renewName() { ports.take(place, for: self) }

    func apply(_ access: PseudoTerminalAccess) { self.access = access }

    /// - Returns: nil: it was not let in.
    func connect(from host: String) throws -> MemoryClient? {
        #expect(isListening, "nobody listens at \(place)")
        guard let client = try MemoryClient(host, at: entrance, ports.loop) else { return nil }
        clients.append(client)
        return client
    }
}

/// A client of Modbus TCP.
final class MemoryClient {
    private let channel: EmbeddedChannel
    private var replies: [UInt16: PDU] = [:]
    private var transaction: UInt16 = 0

    fileprivate init?(_ host: String, at entrance: ClientEntrance, _ loop: EmbeddedEventLoop) throws {
        let peer = try SocketAddress(ipAddress: host, port: 40_000)
        guard entrance.enter(peer) else { return nil }
        let visit = entrance.begin(Client(kind: .tcp, name: "TCP:\(host):40000", address: host))
        channel = EmbeddedChannel(loop: loop)
        try channel.pipeline.syncOperations.addHandler(entrance.handler(of: visit) { "\($0)" })
        channel.connect(to: peer, promise: nil)
        channel.closeFuture.assumeIsolated().whenComplete { _ in entrance.leave(peer) }
    }

    deinit { close() }

    var isConnected: Bool { channel.isActive }

    func ask(_ pdu: PDU, unit: UnitIdentifier = 1) throws -> Asked {
        transaction += 1
        let frame = TCPFrame(transaction: transaction, unit: unit, pdu: pdu)
        try channel.writeInbound(ByteBuffer(bytes: frame.bytes))
        return Asked(client: self, transaction: transaction)
    }

    /// Reads one holding register.
    func read(_ address: UInt16 = 0, unit: UnitIdentifier = 1) throws -> Asked {
        try ask(PDU(read: .readHoldingRegisters, address: address, quantity: 1), unit: unit)
    }

    func write(_ address: UInt16, unit: UnitIdentifier = 1) throws -> Asked {
        try ask(PDU(write: .writeSingleRegister, address: address, value: 7), unit: unit)
    }

    func close() {
        if channel.isActive { channel.close(promise: nil) }
        channel.embeddedEventLoop.run()
    }

    fileprivate func reply(to transaction: UInt16) -> PDU? {
        while var buffer = try? channel.readOutbound(as: ByteBuffer.self) {
            while let frame = try? TCPFrame(&buffer) {
                #expect(replies[frame.transaction] == nil, "a request is answered twice")
                replies[frame.transaction] = frame.pdu
            }
        }
        return replies[transaction]
    }
}

/// A request of a client.
struct Asked {
    fileprivate let client: MemoryClient
    fileprivate let transaction: UInt16

    var reply: PDU? { client.reply(to: transaction) }

    var exception: ExceptionCode? { reply?.exceptionCode }

    /// The last letter of the port whose unit has answered a read of one register.
    var answerer: String? {
        guard let reply, reply.exceptionCode == nil, let value = reply.word(at: 2) else { return nil }
        return String(UnicodeScalar(UInt8(truncatingIfNeeded: value)))
    }
}
