internal import Modbus

/// The programs that open a virtual port in turn: one client, whose queries keep their order, with a session for each.
///
/// Several that have it open at once have one session, as they would on one line.
package final class PortPrograms {
    /// So often the port is asked again in one go; programs that go on without end are seen to later.
    private static let mostLooks = 8

    private let path: String
    private let client: Client
    /// Of the latest request of any program.
    private var number: UInt64 = 0
    /// nil: closed.
    private var port: (any ProgramPort)?
    private let entrance: any ProgramEntrance
    private let timeline: any Timeline
    private let soon: (_ work: @escaping () -> Void) -> Void
    private let report: (String) -> Void
    private var current: SerialClientSession?
    /// Of the program whose session is ``current``.
    private var visit: ClientVisit?
    private var presence = ProgramPresence()
    /// What has come since it was seen to last.
    private var events: [ProgramEvent] = []
    private var bytes: [UInt8] = []
    private var replies: [[UInt8]] = []
    /// A read that counted as that of a program which is gone, until it is told that the newest one had written it.
    private var doubted: [UInt8] = []
    private var isSettling = false

    /// - Parameters:
    ///   - path: of the port, by which its client is named.
    ///   - soon: does work a moment later: bytes must not be taken from a port whose channel the loop is about to tell of
    ///     them, for the channel would fail.
    ///   - report: told if it cannot be seen who opens and closes the port.
    package init(
        at path: String, _ port: any ProgramPort, _ entrance: any ProgramEntrance, timeline: any Timeline,
        soon: @escaping (_ work: @escaping () -> Void) -> Void, report: @escaping (String) -> Void
    ) {
        self.path = path
        client = Client(kind: .pty, name: "PTY:\(path)", address: path)
        self.port = port
        self.entrance = entrance
        self.timeline = timeline
        self.soon = soon
        self.report = report
    }

    /// Whether a program has the port open.
    package var isOpen: Bool { current != nil }

    /// Opens and closes of the port cannot be seen from the start.
    package func beginBlind(_ blindness: PortBlindness) {
        goBlind(blindness)
        begin()
        // Its visit has begun: the first bytes are no change.
        presence.noteSettled()
    }

    /// Programs have written this.
    package func note(bytes new: [UInt8]) {
        bytes += new
        settleSoon()
    }

    /// Programs have done this.
    ///
    /// Of what is written the bytes tell: to look for them here would make others wait for them.
    package func note(_ new: [ProgramEvent]) {
        for event in new where event != .written || events.last != .written { events.append(event) }
        if !doubted.isEmpty || new.contains(where: { $0 != .written }) { settleSoon() }
    }

    /// Ends the program's session, and lets the port go.
    package func close() {
        end("the port is closed")
        port = nil
    }

    /// Sees to everything soon.
    private func settleSoon() {
        guard !isSettling else { return }
        isSettling = true
        soon { self.settle() }
    }
}

// MARK: Who has it open

extension PortPrograms {
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
    private func takeAll(_ port: any ProgramPort) -> [UInt8] {
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
        for _ in 0..<Self.mostLooks where presence.isDoubtful { bytes += findOut(port) }
        if presence.isDoubtful { settleSoon() }
        return bytes
    }

    /// What is there, until nothing happens meanwhile: it could be of a program whose open was not seen.
    private func takeInOrder(_ port: any ProgramPort) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<Self.mostLooks {
            bytes += port.takeBytes()
            let events = port.takeEvents()
            guard !events.isEmpty else { break }
            presence.note(events)
        }
        return bytes
    }

    /// Asks the system whether a program is there: opens and closes that came as one were counted as one.
    ///
    /// - Returns: what has been written meanwhile.
    private func findOut(_ port: any ProgramPort) -> [UInt8] {
        do throws(PortBlindness) {
            let found = try port.findOut()
            presence.note(found.before)
            presence.noteOpen(found.isOpen)
            presence.note(found.since)
            return found.bytes
        } catch {
            goBlind(error)
            return []
        }
    }

    private func goBlind(_ blindness: PortBlindness) {
        report("\(path): counts as open always, for it cannot be seen who opens and closes it: \(blindness.reason)")
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
}

// MARK: Its session

extension PortPrograms {
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
            client: client, path: entrance.path, settings: settings, timeline: timeline, numbersAfter: number,
            observe: entrance.observer(of: visit),
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
