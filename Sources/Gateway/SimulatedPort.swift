internal import NIOCore
internal import SerialLine
internal import Transport

/// The far end of a port that has a name, where something simulated sits. Made and used on the event loop only.
protocol SimulatedEnd: AnyObject {
    /// What the program at the other end has set the line to; nil: unknown.
    var mode: SerialPortMode? { get }

    /// Begins to hear what is written to the port.
    func open(received: @escaping ([UInt8]) -> Void)

    /// Takes the chosen name back, if another one has taken it.
    func renewLink()

    /// Sends bytes to the program at the other end; bytes that it does not fetch in time are dropped, as on a wire.
    func write(_ bytes: [UInt8])

    /// Closes the port, and removes its name.
    func close()
}

/// The far end of a pseudo-terminal.
final class SimulatedPort: SimulatedEnd {
    /// The name that a gateway opens.
    let path: String
    private let loop: any EventLoop
    private var terminal: TerminalBox?
    private var channel: SerialChannel?
    var mode: SerialPortMode? { descriptor.flatMap { SerialPortMode(descriptor: $0) } }
    private var descriptor: Int32?

    /// - Parameter link: a chosen name, besides the system's.
    /// - Throws: `SerialLineError` if the system gives no pseudo-terminal, or the name cannot be had.
    init(_ loop: any EventLoop, link: String? = nil) throws {
        self.loop = loop
        let terminal = TerminalBox(try PseudoTerminal(link: link))
        path = terminal.path
        self.terminal = terminal
    }

    func open(received: @escaping ([UInt8]) -> Void) {
        guard let descriptor = terminal?.takeDescriptor() else { return }
        self.descriptor = descriptor
        SerialChannel.open(
            descriptor, of: path, on: loop, received: received, closed: { _ in }
        ) { [weak self] result in
            if case .success(let channel) = result { self?.channel = channel }
        }
    }

    func renewLink() {
        terminal?.renewLink()
    }

    func write(_ bytes: [UInt8]) {
        _ = channel?.write(bytes)
    }

    func close() {
        descriptor = nil
        channel?.close()
        terminal = nil
    }
}

/// Keeps a pseudo-terminal, which cannot be copied, for as long as the port lives.
private final class TerminalBox {
    private var terminal: PseudoTerminal

    init(_ terminal: consuming PseudoTerminal) {
        self.terminal = terminal
    }

    var path: String { terminal.path }

    func renewLink() { try? terminal.renewLink() }

    func takeDescriptor() -> Int32 { terminal.takeDescriptor() }
}
