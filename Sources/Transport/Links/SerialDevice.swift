internal import Broker
internal import Dispatch
package import NIOCore
package import SerialLine

/// A serial port that may vanish and come back: opened by name, and again after every loss (R12).
///
/// Made and used on the event loop only.
package final class SerialDevice {
    package enum Event {
        case opened(Opened)
        /// It was open, and is not any more.
        case lost(reason: String)
        /// It could not be opened; said once for each different reason.
        case notOpened(reason: String)
    }

    package struct Opened: Sendable {
        /// What could not be had and is no error, one line each.
        package let notes: [String]
        package let isPseudoTerminal: Bool
    }

    package let path: String
    private let settings: SerialPortSettings
    private let loop: any EventLoop
    private let registry: PortRegistry
    private let received: ([UInt8]) -> Void
    private let report: (Event) -> Void
    private var channel: SerialChannel?
    private var backOff = BackOff()
    private var lastReason: String?
    private var isStopped = false
    /// Whether this side closed the port that is reported as lost next.
    private var isClosing = false
    /// The links to the open port, if it is a pseudo-terminal.
    private var links: LinkChain?
    /// Completed when the opening that was begun last has succeeded or failed.
    private var opening: EventLoopFuture<Void>
    /// Rises with every opening and closing, so that what comes from an older one is known.
    private var generation = 0

    /// - Parameters:
    ///   - registry: knows the physical ports of the other devices.
    ///   - received: takes the bytes that come.
    package init(
        path: String, settings: SerialPortSettings, loop: any EventLoop, registry: PortRegistry,
        received: @escaping ([UInt8]) -> Void, report: @escaping (Event) -> Void
    ) {
        self.path = path
        self.settings = settings
        self.loop = loop
        self.registry = registry
        self.received = received
        self.report = report
        opening = loop.makeSucceededVoidFuture()
    }

    /// Opens the port, and goes on trying until it is open.
    package func open() {
        guard !isStopped, channel == nil else { return }
        generation += 1
        let (path, settings, generation) = (path, settings, generation)
        let endedLinks = registry.endedLinks(of: path)
        let device = NIOLoopBound(self, eventLoop: loop)
        let done = loop.makePromise(of: Void.self)
        opening = done.futureResult
        // Not on the loop: finding out who holds a busy port reads through all processes.
        DispatchQueue.global().async { [loop] in
            let opening = Opening(path, settings, except: endedLinks)
            loop.execute {
                device.value.opened(opening, generation)
                done.succeed()
            }
        }
    }

    /// Sends bytes; a port that is stuck is closed, and opened again.
    package func write(_ bytes: [UInt8]) {
        guard let channel, !channel.write(bytes) else { return }
        isClosing = true
        channel.close(because: "it takes no more bytes; what had not left is lost")
    }

    /// Closes the port, if it is open, and opens it again.
    package func reopen() {
        isClosing = true
        channel?.close()
    }

    /// Closes the port for good.
    ///
    /// - Returns: completed when no opening is under way any more; a driver that hangs can take for ever.
    package func stop() -> EventLoopFuture<Void> {
        isStopped = true
        channel?.close()
        return opening
    }
}

extension SerialDevice {
    private func opened(_ opening: Opening, _ generation: Int) {
        guard generation == self.generation, !isStopped else {
            opening.close()
            return
        }
        switch opening {
        case .failed(let reason): retry(reason)
        case .succeeded(let descriptor, let port, let opened, let links):
            if let other = registry.claim(port, for: path) {
                opening.close()
                retry(
                    "\(path): this is the adapter of \(other), on another name; give stable names (/dev/serial/by-id/…)"
                )
                return
            }
            self.links = opened.isPseudoTerminal ? links : nil
            attach(descriptor, opened, generation)
        }
    }

    private func attach(_ descriptor: Int32, _ opened: Opened, _ generation: Int) {
        SerialChannel.open(
            descriptor, of: path, on: loop,
            received: { [weak self] in self?.received($0) },
            closed: { [weak self] in self?.lost($0, generation) },
            { [weak self] result in
                guard let self else { return }
                switch result {
                case .success(let channel):
                    self.channel = channel
                    backOff.reset()
                    (lastReason, isClosing) = (nil, false)
                    registry.noteEnded(nil, of: path)
                    report(.opened(opened))
                case .failure(let error): retry((error as? SerialLineError)?.description ?? "\(path): \(error)")
                }
            })
    }

    private func lost(_ reason: String, _ generation: Int) {
        guard generation == self.generation, channel != nil else { return }
        channel = nil
        guard !isStopped else { return }
        // A pseudo-terminal hangs up only when its program has closed the other side.
        if !isClosing { registry.noteEnded(links, of: path) }
        report(.lost(reason: reason))
        scheduleOpen()
    }

    private func retry(_ reason: String) {
        if reason != lastReason { report(.notOpened(reason: reason)) }
        lastReason = reason
        scheduleOpen()
    }

    private func scheduleOpen() {
        guard !isStopped else { return }
        loop.assumeIsolated().scheduleTask(in: backOff.next()) { [weak self] in self?.open() }
    }
}

/// What came of opening a port; crosses from the thread that opened it.
private enum Opening: Sendable {
    case succeeded(descriptor: Int32, port: PhysicalPort?, SerialDevice.Opened, LinkChain?)
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
            let physicalPort = port.physicalPort
            let opened = SerialDevice.Opened(notes: port.notes, isPseudoTerminal: port.isPseudoTerminal)
            self = .succeeded(descriptor: port.takeDescriptor(), port: physicalPort, opened, links)
        } catch {
            self = .failed(reason: error.description)
        }
    }

    func close() {
        if case .succeeded(let descriptor, _, _, _) = self { SerialPort.close(descriptor) }
    }
}
