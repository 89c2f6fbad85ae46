internal import Broker
internal import Dispatch
package import NIOCore
package import SerialLine

/// A serial port: opened by name, and again after every loss (R12).
package final class SerialCarrier: Carrier {
    private let path: String
    private let settings: SerialPortSettings
    private let loop: any EventLoop
    private let registry: PortRegistry
    private var reopener: Reopener?
    private var channel: SerialChannel?
    /// Whether this side closed the port that is reported as lost next.
    private var isClosing = false
    /// The links to the open port, if it is a pseudo-terminal.
    private var links: LinkChain?
    /// Completed when the opening that was begun last has succeeded or failed.
    private var opening: EventLoopFuture<Void>
    package let boundaries = CarrierBoundaries.stream
    package let isServer = false
    package var received: (ByteBuffer) -> Void = { _ in }
    package var report: (CarrierEvent) -> Void = { _ in }

    /// - Parameters:
    ///   - path: of the device, as messages name it.
    ///   - registry: knows the physical ports of the other devices.
    package init(path: String, settings: SerialPortSettings, loop: any EventLoop, registry: PortRegistry) {
        self.path = path
        self.settings = settings
        self.loop = loop
        self.registry = registry
        opening = loop.makeSucceededVoidFuture()
        reopener = Reopener(.device, loop: loop) { [weak self] in self?.open($0) }
    }

    package func open() { reopener?.open() }

    /// A port that is stuck is closed, and opened again.
    package func write(_ bytes: [UInt8]) {
        if let channel, !channel.write(bytes) { close("it takes no more bytes; what had not left is lost") }
    }

    /// That it is open is enough.
    package func noteUse() {}

    package func reopen() { close(because: nil) }

    package func close(_ reason: String) { close(because: reason) }

    /// - Parameter reason: nil: what the system says.
    private func close(because reason: String?) {
        isClosing = true
        channel?.close(because: reason)
    }

    /// A driver that hangs can take for ever.
    package func stop() -> EventLoopFuture<Void> {
        reopener?.stop()
        channel?.close()
        channel = nil
        return opening
    }
}

extension SerialCarrier {
    private func open(_ number: Int) {
        let (path, settings) = (path, settings)
        let endedLinks = registry.endedLinks(of: path)
        let carrier = NIOLoopBound(self, eventLoop: loop)
        let done = loop.makePromise(of: Void.self)
        opening = done.futureResult
        // Not on the loop: finding out who holds a busy port reads through all processes.
        DispatchQueue.global().async { [loop] in
            let opening = Opening(path, settings, except: endedLinks)
            loop.execute { carrier.value.take(opening, number, done) }
        }
    }

    /// - Parameter done: completed when the port is open, or is not.
    private func take(_ opening: Opening, _ number: Int, _ done: EventLoopPromise<Void>) {
        defer { done.succeed() }
        switch opening {
        case .failed(let reason): failed(number, reason)
        case .succeeded(let port):
            guard reopener?.isAwaiting(number) == true else { return SerialPort.close(port.descriptor) }
            guard let other = registry.claim(port.physical, for: path) else { return attach(port, number) }
            SerialPort.close(port.descriptor)
            failed(
                number,
                "\(path): this is the adapter of \(other), on another name; give stable names (/dev/serial/by-id/…)")
        }
    }

    private func attach(_ port: OpenedPort, _ number: Int) {
        SerialChannel.open(
            port.descriptor, of: path, on: loop,
            pacing: nil, received: { [weak self] in self?.received($0) },
            closed: { [weak self] in self?.lost($0, number) },
            { [weak self] in self?.attach($0, port, number) })
    }

    private func attach(_ result: Result<SerialChannel, any Error>, _ port: OpenedPort, _ number: Int) {
        switch result {
        case .success(let channel):
            guard let reopener, reopener.opened(number) else { return channel.close() }
            self.channel = channel
            links = port.isPseudoTerminal ? port.links : nil
            isClosing = false
            registry.noteEnded(nil, of: path)
            report(.opened(notes: port.notes, isPseudoTerminal: port.isPseudoTerminal))
        case .failure(let error): failed(number, (error as? SerialLineError)?.description ?? "\(path): \(error)")
        }
    }

    private func failed(_ number: Int, _ reason: String) {
        if let reason = reopener?.failed(number, reason) { report(.notOpened(reason: reason)) }
    }

    private func lost(_ reason: String, _ number: Int) {
        guard let reopener, reopener.lost(number) else { return }
        channel = nil
        // A pseudo-terminal hangs up only when its program has closed the other side.
        if !isClosing { registry.noteEnded(links, of: path) }
        report(.lost(reason: reason))
    }
}

/// What came of opening a port; crosses from the thread that opened it.
private enum Opening: Sendable {
    case succeeded(OpenedPort)
    case failed(reason: String)

    init(_ path: String, _ settings: SerialPortSettings, except endedLinks: LinkChain?) {
        let links = LinkChain(of: path)
        if let links, links == endedLinks {
            self = .failed(
                reason: "\(path): still leads to a pseudo-terminal that has ended; its program must make the link anew")
            return
        }
        do throws(SerialLineError) {
            let port = try SerialPort(opening: path, settings: settings)
            self = .succeeded(OpenedPort(port, links))
        } catch {
            self = .failed(reason: error.description)
        }
    }
}

private struct OpenedPort: Sendable {
    let physical: PhysicalPort?
    let notes: [String]
    let isPseudoTerminal: Bool
    let links: LinkChain?
    let descriptor: Int32

    init(_ port: consuming SerialPort, _ links: LinkChain?) {
        physical = port.physicalPort
        notes = port.notes
        isPseudoTerminal = port.isPseudoTerminal
        self.links = links
        descriptor = port.takeDescriptor()
    }
}
