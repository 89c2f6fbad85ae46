internal import Broker
internal import NIOCore
internal import SerialLine

/// The programs that open a virtual port in turn: each time a new client, with a session of its own.
///
/// Several that have it open at once are one client, as they would be on one line. Made and used on the event loop only.
final class PseudoTerminalPrograms {
    private let port: VirtualPort
    private let entrance: ClientEntrance
    private let report: (String) -> Void
    private var lost: ((String) -> Void)?
    private var channels: [SerialChannel] = []
    private var current: (client: Client, session: SerialClientSession)?
    /// How many have the port open, as far as was seen.
    private var openers = 0
    private var isTaking = false
    private var isClosed = false

    /// - Parameters:
    ///   - report: told if it cannot be seen who opens and closes the port.
    ///   - lost: called once if the pair breaks, with the reason.
    init(
        _ port: VirtualPort, _ entrance: ClientEntrance, report: @escaping (String) -> Void,
        lost: @escaping (String) -> Void
    ) {
        self.port = port
        self.entrance = entrance
        self.report = report
        self.lost = lost
    }

    /// Whether a program has the port open.
    var isOpen: Bool { current != nil }

    /// Begins to hear programs.
    ///
    /// - Returns: fails where the process may open no more; the port has to be closed then.
    func open() -> EventLoopFuture<Void> {
        do throws(SerialLineError) {
            var opening: [EventLoopFuture<Void>] = []
            if let watch = try port.duplicateWatchDescriptor() {
                opening.append(open(watch) { $0.take([], NodeWatch.events(in: $1)) })
            } else if let reason = port.blindness {
                goBlind(reason)
            }
            opening.append(open(try port.duplicateDescriptor()) { $0.take($1, []) })
            return EventLoopFuture.andAllSucceed(opening, on: entrance.loop)
        } catch {
            return entrance.loop.makeFailedFuture(error)
        }
    }

    private func open(
        _ descriptor: Int32, _ received: @escaping (PseudoTerminalPrograms, [UInt8]) -> Void
    ) -> EventLoopFuture<Void> {
        let done = entrance.loop.makePromise(of: Void.self)
        SerialChannel.open(
            descriptor, of: port.path, on: entrance.loop,
            received: { [weak self] in if let self, !isClosed { received(self, $0) } },
            closed: { [weak self] in self?.lose($0) }
        ) { [weak self] result in
            if case .success(let channel) = result {
                if let self, !isClosed { channels.append(channel) } else { channel.close() }
            }
            done.completeWith(result.map { _ in })
        }
        return done.futureResult
    }

    /// Ends the program's session, and closes the pair; `lost` is not called any more.
    func close() {
        isClosed = true
        lost = nil
        end(isInUse: true)
        for channel in channels { channel.close() }
        channels = []
    }

    private func lose(_ reason: String) {
        lost?(reason)
        lost = nil
    }
}

// MARK: Who has it open

extension PseudoTerminalPrograms {
    /// Takes in what programs have written, and that they have opened and closed the port.
    ///
    /// An open is seen before the bytes that follow it are handed on, for it drops the answers that wait: a fresh one must
    /// not be among them. A close is seen to after the bytes that came before it. Where both a close and an open have come,
    /// the bytes count as the new program's.
    private func take(_ bytes: [UInt8], _ events: [NodeWatch.Event]) {
        isTaking = true
        defer { isTaking = false }
        var bytes = bytes
        let events = events + port.takeEvents()
        note(events)
        if events.contains(where: { $0 != .opened }) {
            bytes += port.takeBytes()
            note(port.takeEvents())
            findOut()
            // Nobody is there any more: now everything has come.
            if openers == 0 { bytes += port.takeBytes() }
        }
        if current == nil, !bytes.isEmpty {
            begin()
            findOut()
        }
        if !bytes.isEmpty { current?.session.received(bytes) }
        if openers == 0 { end(isInUse: false) }
    }

    private func note(_ events: [NodeWatch.Event]) {
        for event in events {
            switch event {
            case .opened:
                if openers == 0 { begin() } else { openers += 1 }
            case .closed: openers = max(0, openers - 1)
            case .lost: openers = 0
            }
        }
    }

    /// Asks the system whether a program is there: opens and closes that came as one were counted as one.
    private func findOut() {
        do throws(SerialLineError) {
            let isOpen = try port.isOpen()
            if !isOpen { openers = 0 }
            // It may be another one than was seen to close it.
            if isOpen, openers == 0 { begin() }
        } catch {
            goBlind(error)
        }
    }

    private func goBlind(_ reason: SerialLineError) {
        report("\(port.path): counts as open always, for it cannot be seen who opens and closes it: \(reason)")
        if openers == 0 { begin() }
    }

    /// The first one has opened the port.
    private func begin() {
        end(isInUse: true)
        openers = 1
        let client = Client(kind: .pty, name: "PTY:\(port.path)", address: port.path)
        var settings = entrance.settings
        settings.serialTimeout = settings.timeToAnswer
        settings.serialTiming = .pseudoTerminal
        let session = SerialClientSession(
            client: client, backend: entrance.backend, settings: settings, timeline: EventLoopTimeline(entrance.loop),
            observe: entrance.observe,
            send: { [weak self] in self?.send($0, to: client) },
            discardUnread: { [weak self] in self?.port.discardUnread() })
        current = (client, session)
        session.portOpened(isPseudoTerminal: true)
    }

    /// - Parameter isInUse: whether the next one has opened the port already.
    private func end(isInUse: Bool) {
        guard let session = current?.session else { return }
        current = nil
        openers = 0
        session.portClosed()
        port.restore(isInUse: isInUse)
    }

    private func send(_ bytes: [UInt8], to client: Client) {
        // It may be gone by now. An answer that comes at once is sent from within, when that was looked at.
        if !isTaking { take([], []) }
        if current?.client === client { port.write(bytes) }
    }
}
