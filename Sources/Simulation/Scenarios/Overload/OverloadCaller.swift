internal import Broker
internal import Modbus
internal import Simulator

/// One client of an ``OverloadScenario``.
final class OverloadCaller {
    private struct Open {
        let pdu: PDU
        let asked: Instant
        /// All identifiers under which it was sent.
        var transactions: [UInt16]
        var repetitions = 0
    }

    private let settings: OverloadScenario.Caller
    private let timeline: VirtualTimeline
    private let dial: (OverloadCaller) -> TCPClientSession
    private var session: TCPClientSession?
    private(set) var figures = OverloadScenario.Figures()
    private var open: [Int: Open] = [:]
    private var next = 0
    private var transaction: UInt16 = 0
    private var requests = 0

    init(
        _ settings: OverloadScenario.Caller, timeline: VirtualTimeline,
        dial: @escaping (OverloadCaller) -> TCPClientSession
    ) {
        self.settings = settings
        self.timeline = timeline
        self.dial = dial
    }

    func begin() {
        for _ in 0..<settings.pipelining { ask() }
    }

    private func ask() {
        if session == nil || settings.dialsAnew {
            session?.close()
            session = dial(self)
        }
        requests += 1
        let pdu = settings.requests[next % settings.requests.count]
        next += 1
        open[requests] = Open(pdu: pdu, asked: timeline.now, transactions: [])
        send(requests)
    }

    private func send(_ number: Int) {
        guard var request = open[number], let session else { return }
        if request.transactions.isEmpty || settings.renumbers {
            transaction &+= 1
            request.transactions.append(transaction)
        }
        open[number] = request
        let repetitions = request.repetitions
        timeline.schedule(at: timeline.now + settings.patience) { [weak self] in
            guard let self, open[number]?.repetitions == repetitions else { return }
            losePatience(number)
        }
        guard session.hasRoom, let own = request.transactions.last else { return }
        session.received(
            TCPFrame(transaction: own, unit: settings.unit, pdu: request.pdu), arrived: timeline.now)
    }

    private func losePatience(_ number: Int) {
        open[number]?.repetitions += 1
        if open[number].map({ $0.repetitions > settings.repetitions }) ?? true { return complete(number) }
        send(number)
    }

    func received(_ reply: TCPFrame) {
        guard let (number, request) = open.first(where: { $0.value.transactions.contains(reply.transaction) })
        else { return }
        switch reply.pdu.exceptionCode {
        case nil: figures.answered += 1
        case .serverDeviceBusy: figures.busy += 1
        default: figures.failed += 1
        }
        figures.longestWait = max(figures.longestWait, timeline.now - request.asked)
        complete(number)
    }

    private func complete(_ number: Int) {
        open[number] = nil
        figures.asked += 1
        timeline.schedule(at: timeline.now + settings.pause) { [weak self] in self?.ask() }
    }
}
