internal import Broker
internal import NIOCore
internal import SerialLine

/// A virtual port on an event loop: tells the programs that open it (``PortPrograms``) what comes.
///
/// Made and used on the event loop only.
final class PseudoTerminalPrograms {
    private let path: String
    private let programs: PortPrograms
    /// nil: closed.
    private(set) var port: VirtualPort?
    private let loop: any EventLoop
    private var lost: ((String) -> Void)?
    private var channels: [SerialChannel] = []
    /// A program that floods is kept waiting, as by a slow line.
    private let pacing: ReadPacing

    /// - Parameters:
    ///   - report: told if it cannot be seen who opens and closes the port.
    ///   - lost: called once if the pair breaks, with the reason.
    init(
        _ port: VirtualPort, _ entrance: ClientEntrance, report: @escaping (String) -> Void,
        lost: @escaping (String) -> Void
    ) {
        path = port.path
        self.port = port
        self.lost = lost
        let loop = entrance.loop
        self.loop = loop
        let timeline = EventLoopTimeline(loop)
        pacing = ReadPacing(timeline)
        programs = PortPrograms(
            at: port.path, PacedPort(port, pacing), entrance, timeline: timeline,
            soon: { loop.assumeIsolated().execute($0) }, report: report)
    }

    /// Whether a program has the port open.
    var isOpen: Bool { programs.isOpen }

    /// Begins to hear programs.
    ///
    /// - Returns: fails where the process may open no more; the port has to be closed then.
    func open() -> EventLoopFuture<Void> {
        guard let port else { return loop.makeFailedFuture(ChannelError.ioOnClosedChannel) }
        do throws(SerialLineError) {
            var opening: [EventLoopFuture<Void>] = []
            if let watch = try port.duplicateWatchDescriptor() {
                opening.append(open(watch) { $0.note(ProgramEvent.of(NodeWatch.events(in: $1))) })
            } else if let reason = port.blindness {
                programs.beginBlind(PortBlindness(reason: "\(reason)"))
            }
            opening.append(open(try port.duplicateDescriptor(), pacing) { $0.note(bytes: $1) })
            return EventLoopFuture.andAllSucceed(opening, on: loop)
        } catch {
            return loop.makeFailedFuture(error)
        }
    }

    private func open(
        _ descriptor: Int32, _ pacing: ReadPacing? = nil, _ received: @escaping (PortPrograms, [UInt8]) -> Void
    ) -> EventLoopFuture<Void> {
        let done = loop.makePromise(of: Void.self)
        SerialChannel.open(
            descriptor, of: path, on: loop, pacing: pacing,
            received: { [weak self] in
                guard let self, port != nil else { return }
                received(programs, Array($0.readableBytesView))
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
        programs.close()
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

/// A virtual port of the system. What is read past its channel slows down the channel as well.
private final class PacedPort: ProgramPort {
    private let port: VirtualPort
    private let pacing: ReadPacing

    init(_ port: VirtualPort, _ pacing: ReadPacing) {
        self.port = port
        self.pacing = pacing
    }

    func takeEvents() -> [ProgramEvent] { ProgramEvent.of(port.takeEvents()) }

    func takeBytes() -> [UInt8] { paced(port.takeBytes()) }

    func findOut() throws(PortBlindness) -> ProgramFinding {
        do throws(SerialLineError) {
            let found = try port.findOut()
            return ProgramFinding(
                isOpen: found.isOpen, before: ProgramEvent.of(found.before), since: ProgramEvent.of(found.since),
                bytes: paced(found.bytes))
        } catch {
            throw PortBlindness(reason: "\(error)")
        }
    }

    func write(_ bytes: [UInt8]) { port.write(bytes) }

    func discardUnread() { port.discardUnread() }

    func restore() { port.restore() }

    private func paced(_ bytes: [UInt8]) -> [UInt8] {
        if !bytes.isEmpty { pacing.note(bytes.count) }
        return bytes
    }
}

extension ProgramEvent {
    fileprivate static func of(_ events: [NodeWatch.Event]) -> [ProgramEvent] {
        events.map { event in
            switch event {
            case .opened: .opened
            case .written: .written
            case .closed: .closed
            case .lost: .lost
            }
        }
    }
}
