internal import Broker
internal import NIOCore
internal import SerialLine

/// The programs that open a virtual port in turn: one client, whose queries keep their order, with a session for each.
///
/// Several that have it open at once have one session, as they would on one line. Made and used on the event loop only.
final class PseudoTerminalPrograms {
    private let path: String
    private let client: Client
    /// Of the latest request of any program.
    private var number: UInt64 = 0
    /// nil: closed.
    private(set) var port: VirtualPort?
    private let entrance: ClientEntrance
    private let report: (String) -> Void
    private var lost: ((String) -> Void)?
    private var channels: [SerialChannel] = []
    /// A program that floods is kept waiting, as by a slow line.
    private let pacing: ReadPacing
    private var current: SerialClientSession?
    /// How many have the port open, as far as was seen.
    private var openers = 0
    /// What has come since it was seen to last.
    private var events: [NodeWatch.Event] = []
    private var bytes: [UInt8] = []
    private var replies: [[UInt8]] = []
    private var isSettling = false

    /// - Parameters:
    ///   - report: told if it cannot be seen who opens and closes the port.
    ///   - lost: called once if the pair breaks, with the reason.
    init(
        _ port: VirtualPort, _ entrance: ClientEntrance, report: @escaping (String) -> Void,
        lost: @escaping (String) -> Void
    ) {
        path = port.path
        client = Client(kind: .pty, name: "PTY:\(port.path)", address: port.path)
        self.port = port
        self.entrance = entrance
        pacing = ReadPacing(EventLoopTimeline(entrance.loop))
        self.report = report
        self.lost = lost
    }

    /// Whether a program has the port open.
    var isOpen: Bool { current != nil }

    /// Begins to hear programs.
    ///
    /// - Returns: fails where the process may open no more; the port has to be closed then.
    func open() -> EventLoopFuture<Void> {
        guard let port else { return entrance.loop.makeFailedFuture(ChannelError.ioOnClosedChannel) }
        do throws(SerialLineError) {
            var opening: [EventLoopFuture<Void>] = []
            if let watch = try port.duplicateWatchDescriptor() {
                opening.append(open(watch) { $0.events += NodeWatch.events(in: $1) })
            } else if let reason = port.blindness {
                goBlind(reason)
            }
            opening.append(open(try port.duplicateDescriptor(), pacing) { $0.bytes += $1 })
            return EventLoopFuture.andAllSucceed(opening, on: entrance.loop)
        } catch {
            return entrance.loop.makeFailedFuture(error)
        }
    }

    private func open(
        _ descriptor: Int32, _ pacing: ReadPacing? = nil,
        _ received: @escaping (PseudoTerminalPrograms, [UInt8]) -> Void
    ) -> EventLoopFuture<Void> {
        let done = entrance.loop.makePromise(of: Void.self)
        SerialChannel.open(
            descriptor, of: path, on: entrance.loop, pacing: pacing,
            received: { [weak self] in
                guard let self, port != nil else { return }
                received(self, $0)
                settleSoon()
            },
            closed: { [weak self] in self?.lose($0) }
        ) { [weak self] result in
            if case .success(let channel) = result {
                if let self, port != nil { channels.append(channel) } else { channel.close() }
            }
            done.completeWith(result.map { _ in })
        }
        return done.futureResult
    }

    /// Ends the program's session, and closes the pair; `lost` is not called any more.
    func close() {
        lost = nil
        end()
        // The name is free at once.
        port = nil
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
    /// Sees to everything soon.
    ///
    /// Not at once: what is read past a channel that the loop is about to tell that there is something would make it fail.
    private func settleSoon() {
        guard !isSettling else { return }
        isSettling = true
        let programs = NIOLoopBound(self, eventLoop: entrance.loop)
        entrance.loop.execute { programs.value.settle() }
    }

    /// Takes in what programs have written, and that they have opened and closed the port; then writes the answers.
    ///
    /// An open is seen before the bytes that follow it are handed on, for it drops the answers that wait: a fresh one must
    /// not be among them. A close is seen to after the bytes that came before it. Where both a close and an open have come,
    /// the bytes count as the new program's.
    private func settle() {
        isSettling = false
        guard let port else { return }
        var (events, bytes) = (events + port.takeEvents(), bytes)
        (self.events, self.bytes) = ([], [])
        note(events)
        if events.contains(where: { $0 != .opened }) {
            let taken = port.takeBytes()
            pacing.note(taken.count)
            bytes += taken
            events = port.takeEvents()
            note(events)
            bytes += findOut(port)
        }
        if current == nil, !bytes.isEmpty {
            begin()
            bytes += findOut(port)
        }
        if !bytes.isEmpty { current?.received(bytes) }
        if openers == 0 { end() }
        for reply in replies { port.write(reply) }
        replies = []
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
    ///
    /// - Returns: what has been written meanwhile.
    private func findOut(_ port: VirtualPort) -> [UInt8] {
        do throws(SerialLineError) {
            let found = try port.findOut()
            pacing.note(found.bytes.count)
            note(found.events)
            if !found.isOpen { openers = 0 }
            // It may be another one than was seen to close it.
            if found.isOpen, openers == 0 { begin() }
            return found.bytes
        } catch {
            goBlind(error)
            return []
        }
    }

    private func goBlind(_ reason: SerialLineError) {
        report("\(path): counts as open always, for it cannot be seen who opens and closes it: \(reason)")
        if openers == 0 { begin() }
    }

    /// A program has opened the port, and those before it have gone.
    private func begin() {
        if current != nil {
            end()
            port?.restore()
        }
        openers = 1
        var settings = entrance.settings
        settings.serialTimeout = settings.timeToAnswer
        settings.serialTiming = .pseudoTerminal
        let session = SerialClientSession(
            client: client, backend: entrance.backend, settings: settings, timeline: EventLoopTimeline(entrance.loop),
            numbersAfter: number, observe: entrance.observe,
            send: { [weak self] in self?.send($0) },
            discardUnread: { [weak self] in self?.discardUnread() })
        current = session
        session.portOpened(isPseudoTerminal: true)
    }

    private func end() {
        let session = current
        current = nil
        openers = 0
        session?.portClosed()
        number = session?.number ?? number
    }

    /// Not written before it is known that the program is still there.
    private func send(_ reply: [UInt8]) {
        replies.append(reply)
        settleSoon()
    }

    private func discardUnread() {
        replies = []
        port?.discardUnread()
    }
}
