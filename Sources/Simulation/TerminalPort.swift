internal import Broker
internal import Modbus
internal import Simulator

/// A pseudo-terminal with the broker behind it: no byte may be read that is not of the answer to the newest request (R5),
/// and every request that was written is found (R6).
final class TerminalPort {
    /// A function of unknown layout ends with a silence, and so is found later than it was written.
    private static let patience: Duration = .milliseconds(500)

    private let world: World
    private let door: Door
    private let terminal: Terminal
    private var session: SerialClientSession?
    private struct Asked {
        let frame: RTUFrame
        let number: Int
        /// When it, and its newest copy, were written.
        var first: Instant
        let latest: Instant
        /// Whether the broker has given up on it: the same again is a request of its own.
        var isOver = false
    }

    private var newest: Asked?
    /// Counts the requests of all programs.
    private var requests = 0
    private var unfound: [(frame: RTUFrame, written: Instant)] = []
    private var isOpen = false
    /// Whether the broker knows that no program has it open.
    private var isKnownClosed = true
    /// What has been read of the answer to the newest request.
    private var heard: [UInt8] = []

    init(_ world: World, number: Int, at door: Door, size: Int) {
        self.world = world
        self.door = door
        terminal = Terminal(size: size)
        let client = Client(kind: .pty, name: "PTY:/dev/\(number)", address: "/dev/\(number)")
        world.register(client, at: door)
        session = world.core.serialSession(
            of: client, at: door, observe: { [weak self] in self?.observe($0) },
            send: { [weak self] in self?.answered($0) }, discardUnread: { [terminal] in terminal.discard() })
    }

    func open() {
        isOpen = true
        isKnownClosed = false
        forget()
        session?.portOpened(isPseudoTerminal: true)
    }

    /// - Parameters:
    ///   - last: what its program has written just before, which comes to the broker only now.
    ///   - isNoticed: whether the broker is told; if not, it notices that the next program opens it.
    func close(behind last: RTUFrame?, isNoticed: Bool) {
        isOpen = false
        forget()
        unfound = []
        guard isNoticed else { return }
        isKnownClosed = true
        session?.portClosed()
        guard let last else { return }
        unfound.append((last, world.timeline.now))
        session?.received(last.bytes)
    }

    private func forget() {
        newest = nil
        heard = []
    }

    /// A program writes; with the last piece its request is its newest.
    func write(_ bytes: [UInt8], completing frame: RTUFrame?) {
        if let frame {
            requests += 1
            let now = world.timeline.now
            let pending = newest.flatMap { $0.frame == frame && !$0.isOver ? $0 : nil }
            newest = Asked(frame: frame, number: requests, first: pending?.first ?? now, latest: now)
            heard = []
            unfound.append((frame, world.timeline.now))
        }
        session?.received(bytes)
    }

    /// A program reads what is there, at most so many bytes.
    ///
    /// - Returns: whether the answer is complete.
    func read(_ most: Int) -> Bool {
        for (byte, request) in terminal.read(most) {
            world.verdict.check(
                "R5", request == newest?.number, "a program read a byte of the answer to an older request")
            heard.append(byte)
        }
        guard RTUFrame(heard) != nil else { return false }
        newest = nil
        heard = []
        return true
    }

    private func observe(_ event: BrokerEvent) {
        if case .request(let query) = event {
            let next = unfound.isEmpty ? nil : unfound.removeFirst().frame
            world.verdict.check(
                "R6", next == query.frame,
                "found \(query.frame.summary), where \(next?.summary ?? "nothing") was written")
        }
        if case .finished(let exchange, .suppressed) = event, exchange.query.frame == newest?.frame {
            // A copy that is not found yet begins anew.
            if let newest, !unfound.isEmpty { self.newest?.first = newest.latest } else { newest?.isOver = true }
        }
        world.observe(event)
    }

    /// The broker writes.
    private func answered(_ bytes: [UInt8]) {
        let verdict = world.verdict
        verdict.check("R5", !isKnownClosed, "something was written while no program had it open")
        guard isOpen else { return terminal.write(bytes, answering: 0) }
        guard let newest, let frame = RTUFrame(bytes) else {
            verdict.check("R5", false, "a program was told something that it did not ask")
            return
        }
        // A silence goes before a function of unknown layout is found.
        let age = world.timeline.now - newest.latest - .milliseconds(30)
        verdict.check("R5", age <= world.settings.clients.serialTimeout, "forwarded after \(age)")
        verdict.check("R5", terminal.isEmpty, "an older answer was left unread before this one")
        verdict.check(
            "R5", world.isRightAnswer(frame, to: newest.frame, arrived: newest.first),
            "a program got a wrong value: \(frame.summary) for \(newest.frame.summary)")
        terminal.write(bytes, answering: newest.number)
    }

    /// None may be overlooked.
    func check() {
        guard let oldest = unfound.first else { return }
        world.verdict.check(
            "R6", world.timeline.now - oldest.written < Self.patience, "not found: \(oldest.frame.summary)")
    }
}
