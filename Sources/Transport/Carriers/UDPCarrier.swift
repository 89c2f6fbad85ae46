internal import Broker
internal import Glibc
package import NIOCore
internal import NIOPosix

/// The way to a server over UDP: a socket that hears only this server, made again when its name may mean another one.
///
/// Only replies tell whether it is there.
package final class UDPCarrier: Carrier {
    private let host: String
    private let port: Int
    private let loop: any EventLoop
    private var reopener: Reopener?
    private var socket: DatagramHandler?
    /// The socket that is being opened: a bootstrap for datagrams does not close one that could not be connected.
    private var candidate: DatagramHandler?
    private var ownReason: String?
    /// Completed when the opening that was begun last has succeeded or failed.
    private var opening: EventLoopFuture<Void>
    package let boundaries = CarrierBoundaries.datagram
    package let isServer = true
    package var received: (ByteBuffer) -> Void = { _ in }
    package var report: (CarrierEvent) -> Void = { _ in }

    /// - Parameter port: 1–65535.
    package init(host: String, port: Int, loop: any EventLoop) {
        self.host = host
        self.port = port
        self.loop = loop
        opening = loop.makeSucceededVoidFuture()
        reopener = Reopener(.device, loop: loop) { [weak self] in self?.open($0) }
    }

    /// Looks the name up and makes a socket, and goes on trying until there is one.
    package func open() { reopener?.open() }

    /// Sends a datagram; what the system does not take is lost.
    package func write(_ bytes: [UInt8]) {
        guard let socket, var error = socket.send(bytes) else { return }
        if error.errnoCode == ECONNREFUSED {
            // That was the answer to an earlier datagram, and this one has not left.
            noteTrouble(error)
            guard let second = socket.send(bytes) else { return }
            error = second
        }
        noteTrouble(error)
    }

    /// That there is a socket is enough.
    package func noteUse() {}

    /// Closes the socket, if there is one, looks the name up again and makes another one.
    package func reopen() { close("opened again") }

    package func close(_ reason: String) {
        guard let socket else { return }
        ownReason = reason
        socket.close()
    }

    package func stop() -> EventLoopFuture<Void> {
        reopener?.stop()
        socket?.close()
        return opening
    }
}

extension UDPCarrier {
    private func open(_ number: Int) {
        let carrier = NIOLoopBound(self, eventLoop: loop)
        let opened = HostAddress.resolve(host, port: port, on: loop).flatMap { [loop] address in
            DatagramBootstrap(group: loop)
                .channelOption(.maxMessagesPerRead, value: 1)
                .channelOption(
                    .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: DatagramHandler.maximumLength)
                )
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try carrier.value.setUp(channel, number) }
                }
                .connect(to: address)
        }
        opening = opened.map { _ in }.recover { _ in }
        opened.assumeIsolated().whenComplete { [weak self] result in
            switch result {
            case .success(let channel): self.map { $0.attach(channel, number) } ?? channel.close(promise: nil)
            case .failure(let error):
                self?.candidate?.close()
                self?.failed(number, DialFailure.text(of: error))
            }
            self?.candidate = nil
        }
    }

    private func setUp(_ channel: any Channel, _ number: Int) throws {
        let socket = DatagramHandler(
            received: { [weak self] datagram, _ in self?.received(datagram) },
            failed: { [weak self] in self?.noteTrouble($0) },
            closed: { [weak self] in self?.lost(number) })
        try channel.pipeline.syncOperations.addHandler(socket)
        candidate = socket
    }

    private func attach(_ channel: any Channel, _ number: Int) {
        guard let reopener, reopener.isAwaiting(number) else { return channel.close(promise: nil) }
        guard channel.isActive, let socket = candidate, reopener.opened(number) else {
            return failed(number, "the socket was closed")
        }
        self.socket = socket
        ownReason = nil
        report(.opened())
    }

    private func failed(_ number: Int, _ reason: String) {
        if let reason = reopener?.failed(number, reason) { report(.notOpened(reason: reason)) }
    }

    private func lost(_ number: Int) {
        guard socket != nil else { return }
        socket = nil
        guard let reopener else { return }
        let reason = ownReason ?? reopener.lastReason ?? "the socket was closed"
        if reopener.lost(number) { report(.lost(reason: reason)) }
    }

    /// No loss of the line: queries get no reply, and the server may be there again at any time.
    private func noteTrouble(_ error: any Error) {
        if let reason = reopener?.trouble(DialFailure.text(of: error)) { report(.notOpened(reason: reason)) }
    }
}
