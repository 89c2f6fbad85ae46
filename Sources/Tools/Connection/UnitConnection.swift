internal import Broker
internal import Endpoints
package import Modbus
internal import NIOCore
internal import NIOPosix
internal import Settings
internal import Synchronization
internal import Text
internal import Transport

/// What came of a request.
package enum Answer: Hashable, Sendable {
    case reply(PDU)
    /// The unit, or a gateway on the way to it, says why not.
    case exception(ExceptionCode)
    /// There is none; of a write that was sent nobody knows whether it was executed.
    case nothing(wasSent: Bool)

    /// In words, for a person.
    package var failure: String? {
        switch self {
        case .reply: nil
        case .exception(let code): "\(code) (\(code.rawValue))"
        case .nothing(let wasSent): wasSent ? "no answer" : "not connected"
        }
    }
}

/// Asks one unit at an endpoint one request after the other, and waits for each answer. Blocks.
///
/// It has an event loop with a ``Bus`` of its own, as the gateway has: framing, pacing and repetitions are the same.
package final class UnitConnection {
    /// What the link has said last; read by the thread that waits.
    private struct Status {
        var isOpen = false
        /// Why it was lost, or could not be opened, since something was asked last.
        var reason: String?
        /// What came first that is no answer, for ``ServerWords``.
        var strange: [UInt8] = []
        /// Whether anything was answered.
        var isAnswered = false
    }

    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let asker: NIOLoopBound<Asker>
    private let status: SharedState<Status>
    private let interruption: Interruption
    package let settings: ConnectionSettings

    /// Opens the endpoint.
    ///
    /// - Throws: ``ToolError/cannotOpen(endpoint:reason:)``, or ``ToolError/interrupted(signal:)``.
    package init(_ settings: ConnectionSettings, _ interruption: Interruption) throws {
        self.settings = settings
        self.interruption = interruption
        let loop = group.next()
        let status = SharedState(Status())
        self.status = status
        asker = try loop.submit {
            let report: (String?) -> Void = { reason in
                status.change { ($0.isOpen, $0.reason) = (reason == nil, reason ?? $0.reason) }
                interruption.ring()
            }
            let observe: (BrokerEvent) -> Void = { event in
                guard case .discarded(let bytes, .line, .noise) = event else { return }
                status.change { $0.strange += bytes.prefix(ForeignSpeech.mostBytes - $0.strange.count) }
            }
            return NIOLoopBound(try Asker(settings, loop, observe, report), eventLoop: loop)
        }.wait()
        do throws(ToolError) {
            let first = try interruption.wait { () -> Status? in
                let now = status.value
                return now.isOpen || now.reason != nil ? now : nil
            }
            guard first.isOpen else {
                throw .cannotOpen(endpoint: settings.endpoint.path, reason: first.reason ?? "")
            }
        } catch {
            close()
            throw error
        }
    }

    /// Asks, and waits.
    ///
    /// - Throws: ``ToolError/interrupted(signal:)``; a write is waited for to its end, and its answer returned.
    package func ask(_ request: PDU, unit: UnitIdentifier? = nil) throws(ToolError) -> Answer {
        try interruption.check()
        let answer = SharedState<Answer?>(nil)
        let unit = unit ?? settings.unit
        asker.eventLoop.execute { [asker, interruption, status] in
            status.change { if $0.isOpen { $0.reason = nil } }
            asker.value.ask(request, of: unit) { result in
                if case .nothing = result {} else { status.change { $0.isAnswered = true } }
                answer.change { $0 = result }
                interruption.ring()
            }
        }
        let isRead = request.function.isRead
        return try interruption.wait(mayEnd: isRead) { answer.value }
    }

    /// Why there is no connection, or there was none for a moment since something was asked last; nil: it was there all the
    /// time.
    package var lossReason: String? {
        // What has closed it may be at work still.
        try? asker.eventLoop.submit {}.wait()
        let now = status.value
        return now.reason ?? (now.isOpen ? nil : "not connected")
    }

    /// Why there is no answer, as far as the connection knows: what the server said in place of Modbus, or why there is no
    /// connection; nil: nothing is wrong with it.
    package var trouble: String? {
        let known = [lossReason?.quotedBriefly, serverWords].compactMap(\.self)
        return known.isEmpty ? nil : known.joined(separator: "; ")
    }

    /// What the server said in place of Modbus, or what its silence may mean, one line; nil: nothing that is known.
    var serverWords: String? {
        let now = status.value
        return ServerWords.meaning(
            of: now.strange, from: .units(hasTransactions: settings.endpoint.hasTransactions))
            ?? (now.strange.isEmpty && !now.isAnswered
                ? ServerWords.doubt(of: settings.endpoint, closed: now.reason) : nil)
    }

    /// Does nothing for a while.
    ///
    /// - Throws: ``ToolError/interrupted(signal:)``.
    package func pause(until end: ContinuousClock.Instant) throws(ToolError) {
        try interruption.pause(until: end)
    }

    package func close() {
        // Nobody waits for a driver that hangs.
        asker.eventLoop.execute { [asker, group] in
            asker.value.stop()
            group.shutdownGracefully { _ in }
        }
    }
}

/// A value that two threads look at.
private final class SharedState<Value: Sendable>: Sendable {
    private let state: Mutex<Value>

    init(_ value: Value) { state = Mutex(value) }

    var value: Value { state.withLock { $0 } }

    func change(_ body: (inout Value) -> Void) {
        state.withLock { value in body(&value) }
    }
}

/// The bus and its link, on the loop.
private final class Asker {
    private let link: FramedLink
    private let bus: Bus
    private let timeline: EventLoopTimeline
    private let client = Client(kind: .tcp, name: "TOOL", address: "TOOL")
    private var number: UInt64 = 0

    /// - Parameters:
    ///   - observe: told everything that comes and goes.
    ///   - report: told nil when the way is open, and otherwise why it is not.
    init(
        _ settings: ConnectionSettings, _ loop: any EventLoop, _ observe: @escaping (BrokerEvent) -> Void,
        _ report: @escaping (String?) -> Void
    ) throws {
        let (link, bus) = try DeviceLinks.make(settings, loop, observe, report)
        timeline = EventLoopTimeline(loop)
        self.link = link
        self.bus = Bus(settings: bus, timeline: timeline, link: link) { observe($0) }
        link.bus = self.bus
        link.open()
    }

    func ask(_ request: PDU, of unit: UnitIdentifier, _ done: @escaping @Sendable (Answer) -> Void) {
        number += 1
        let query = Query(
            number: number, client: client, unit: unit, pdu: request,
            isRead: request.function.isRead, arrived: timeline.now, deadline: nil)
        bus.submit(query) { done(Answer($0)) }
    }

    func stop() { _ = link.stop() }
}

extension Answer {
    fileprivate init(_ exchange: Exchange) {
        switch exchange.result {
        case .success(let frame): self = frame.pdu.exceptionCode.map { .exception($0) } ?? .reply(frame.pdu)
        case .failure(.refused(let code)): self = .exception(code)
        case .failure(.malformed(let error)): self = .exception(error.exceptionCode)
        case .failure: self = .nothing(wasSent: exchange.sent != nil)
        }
    }
}
