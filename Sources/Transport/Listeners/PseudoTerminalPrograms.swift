internal import Broker
internal import Modbus
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
    /// Of the program whose session is ``current``.
    private var visit: ClientVisit?
    private var presence = ProgramPresence()
    /// What has come since it was seen to last.
    private var events: [NodeWatch.Event] = []
    private var bytes: [UInt8] = []
    private var replies: [[UInt8]] = []
    /// A read that counted as that of a program which is gone, until it is told that the newest one had written it.
    private var doubted: [UInt8] = []
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
                opening.append(open(watch) { $0.note(NodeWatch.events(in: $1)) })
            } else if let reason = port.blindness {
                goBlind(reason)
                begin()
            }
            opening.append(open(try port.duplicateDescriptor(), pacing) { $0.note(bytes: $1) })
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
                received(self, Array($0.readableBytesView))
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
        end("the port is closed")
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
    private func note(bytes new: [UInt8]) {
        bytes += new
        settleSoon()
    }

    /// Of what is written the bytes tell: to look for them here would make the loop wait for them.
    private func note(_ new: [NodeWatch.Event]) {
        for event in new where event != .written || events.last != .written { events.append(event) }
        if !doubted.isEmpty || new.contains(where: { $0 != .written }) { settleSoon() }
    }

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
    /// not be among them. A close is seen to after the bytes that came before it.
    private func settle() {
        isSettling = false
        guard let port else { return }
        let bytes = takeAll(port)
        if presence.isChanged {
            handOver(bytes)
        } else if !bytes.isEmpty {
            if current == nil { begin() }
            doubted = []
            current?.received(bytes)
        } else if presence.isWritingTaken, !doubted.isEmpty {
            current?.received(doubted)
            doubted = []
        }
        if presence.openers == 0 { end("it has closed the port") }
        presence.noteSettled()
        for reply in replies { port.write(reply) }
        replies = []
    }

    /// - Returns: what programs have written. All of it, where it matters: at a change, and before an answer is written, which
    ///   may be one to an older request.
    private func takeAll(_ port: VirtualPort) -> [UInt8] {
        presence.note(events + port.takeEvents())
        var bytes = bytes
        (events, self.bytes) = ([], [])
        let isNeeded = presence.isChanged || presence.isDoubtful || !replies.isEmpty
        if isNeeded || presence.hasWritten && !doubted.isEmpty {
            bytes += takeInOrder(port)
            presence.noteTaken()
        }
        if current == nil, !presence.isChanged, !bytes.isEmpty { presence.noteUnseen() }
        // Programs may close it again while it is asked.
        for _ in 0..<8 where presence.isDoubtful { bytes += findOut(port) }
        if presence.isDoubtful { settleSoon() }
        return bytes
    }

    /// What is there, until nothing happens meanwhile: it could be of a program whose open was not seen.
    private func takeInOrder(_ port: VirtualPort) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<8 {
            bytes += taken(port.takeBytes())
            let events = port.takeEvents()
            guard !events.isEmpty else { break }
            presence.note(events)
        }
        return bytes
    }

    private func taken(_ bytes: [UInt8]) -> [UInt8] {
        if !bytes.isEmpty { pacing.note(bytes.count) }
        return bytes
    }

    /// Asks the system whether a program is there: opens and closes that came as one were counted as one.
    ///
    /// - Returns: what has been written meanwhile.
    private func findOut(_ port: VirtualPort) -> [UInt8] {
        do throws(SerialLineError) {
            let found = try port.findOut()
            presence.note(found.before)
            presence.noteOpen(found.isOpen)
            presence.note(found.since)
            return taken(found.bytes)
        } catch {
            goBlind(error)
            return []
        }
    }

    private func goBlind(_ reason: SerialLineError) {
        report("\(path): counts as open always, for it cannot be seen who opens and closes it: \(reason)")
        presence.noteOpen(true)
    }

    /// A program has opened the port, and those before it have gone: what they have written is asked, and answered to nobody.
    private func handOver(_ bytes: [UInt8]) {
        let last = requestAtEnd(of: bytes)
        let own: Int
        switch presence.author {
        case .newest: own = bytes.count
        case .gone: own = 0
        // The rest of it cannot be told apart, and a program that hears nothing asks again.
        case .both: own = last?.bytes.count ?? 0
        }
        let older = Array(bytes.dropLast(own))
        if !older.isEmpty {
            if current == nil { begin() }
            current?.received(older)
        }
        begin()
        if own > 0 {
            current?.received(Array(bytes.suffix(own)))
        } else if let last, last.pdu.function.isRead {
            // A write is told a moment late. One to the inverter is not sent twice for that.
            doubted = last.bytes
        }
    }

    private func requestAtEnd(of bytes: [UInt8]) -> RTUFrame? {
        var scanner = RTURequestScanner()
        let last = scanner.received(bytes, afterSilence: true).last
        guard scanner.awaits == nil, case .request(let frame) = last else { return nil }
        return frame
    }

    /// A program has opened the port, and those before it have gone.
    private func begin() {
        if current != nil {
            end("another program has opened the port")
            port?.restore()
        }
        var settings = entrance.settings
        settings.serialTimeout = settings.timeToAnswer
        settings.serialTiming = .pseudoTerminal
        let visit = entrance.begin(client)
        self.visit = visit
        let session = SerialClientSession(
            client: client, path: entrance.path, settings: settings, timeline: EventLoopTimeline(entrance.loop),
            numbersAfter: number, observe: entrance.observer(of: visit),
            send: { [weak self] in self?.send($0) },
            discardUnread: { [weak self] in self?.discardUnread() })
        current = session
        session.portOpened(isPseudoTerminal: true)
    }

    private func end(_ reason: String) {
        let session = current
        if let visit { entrance.end(visit, reason) }
        (current, visit) = (nil, nil)
        doubted = []
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
