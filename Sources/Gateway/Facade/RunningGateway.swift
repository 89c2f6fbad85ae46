package import Broker
package import Modbus
internal import NIOCore
internal import Synchronization

/// A running gateway, for a service of the process: the one way to it from outside of its event loop.
///
/// Nothing here delays the loop: what runs there is short, and values are made elsewhere. After the gateway has stopped,
/// every call ends with an error.
package struct RunningGateway: Sendable {
    private let control: NIOLoopBound<GatewayControl>
    private let service: NIOLoopBound<ServiceEntrance>
    private let entrance: LoopEntrance
    private let numbers = QueryNumbers()

    private final class QueryNumbers: Sendable {
        private let last = Atomic<UInt64>(0)

        func next() -> UInt64 { last.add(1, ordering: .relaxed).newValue }
    }

    /// On the event loop.
    ///
    /// - Parameter name: of the service, such as `http`, as figures and logs have it.
    init(_ control: GatewayControl, for name: String, _ entrance: LoopEntrance) {
        let loop = control.gateway.loop
        self.control = NIOLoopBound(control, eventLoop: loop)
        service = NIOLoopBound(control.gateway.makeEntrance(for: name), eventLoop: loop)
        self.entrance = entrance
    }

    /// How the gateway stands now, or did up to 100 ms ago: what is asked for more often is made once.
    ///
    /// - Throws: ``GatewayError/stopping`` after the end.
    package func snapshot() async throws(GatewayError) -> Snapshot {
        let answer = LoopAnswer<Result<SnapshotFigures, GatewayError>>()
        let isEntered = entrance.enter { answer.give(.success(control.value.sharedFigures)) }
        if !isEntered { answer.give(.failure(.stopping)) }
        return try await answer.value().get().snapshot
    }

    /// Everything that happens from now on.
    ///
    /// - Parameter capacity: how many reports may wait for the reader, at least 1.
    package func reports(capacity: Int = 4096) -> ReportBatches {
        let (queue, control) = (ReportQueue(capacity: capacity), control)
        if !entrance.enter({ control.value.reportQueues.add(queue) }) { queue.end() }
        let subscription = ReportSubscription(queue) { [entrance] in
            entrance.enter { control.value.reportQueues.remove(queue) }
        }
        return ReportBatches(subscription)
    }

    /// Asks a unit, as a client of a listener would, but may only read. A task that is cancelled withdraws its query.
    ///
    /// - Parameter unit: by the number that clients know.
    /// - Returns: the reply, which may be a Modbus exception.
    /// - Throws: why there is none: ``BrokerError/overloaded`` beyond 16 queries of a service at once,
    ///   ``BrokerError/withdrawn`` after a cancellation, ``BrokerError/stopping`` after the end.
    package func submit(_ pdu: PDU, to unit: UnitIdentifier) async throws(BrokerError) -> PDU {
        if Task.isCancelled { throw .withdrawn }
        let answer = LoopAnswer<Result<PDU, BrokerError>>()
        let (number, control, service, entrance) = (numbers.next(), control, service, entrance)
        let isEntered = entrance.enter {
            // Cancelled before the query was made: there is nothing to withdraw.
            guard !answer.isOver else { return }
            let timeToAnswer = control.value.gateway.configuration.clients.timeToAnswer
            service.value.session.ask(number, pdu, of: unit, timeToAnswer: timeToAnswer) { answer.give($0) }
        }
        if !isEntered { answer.give(.failure(.stopping)) }
        let result = await withTaskCancellationHandler {
            await answer.value()
        } onCancel: {
            answer.give(.failure(.withdrawn))
            entrance.enter { service.value.session.withdraw(number) }
        }
        return try result.get()
    }

    /// Reads the configuration again, and goes on by it; a cancelled task does not wait for that.
    ///
    /// - Returns: what changed, in words.
    /// - Throws: why nothing is different; `CancellationError`.
    package func reload() async throws -> [String] {
        let answer = LoopAnswer<Result<[String], any Error>>()
        let control = control
        let isEntered = entrance.enter { control.value.reload().whenComplete { answer.give($0) } }
        if !isEntered { answer.give(.failure(GatewayError.stopping)) }
        return try await withTaskCancellationHandler {
            try await answer.value().get()
        } onCancel: {
            answer.give(.failure(CancellationError()))
        }
    }
}

/// The queues that services take reports from. On the event loop only.
final class ReportQueues {
    private let reports: ReportStream
    private var queues: [ReportQueue] = []
    private var isOver = false

    init(_ reports: ReportStream) {
        self.reports = reports
    }

    /// How many take reports.
    var count: Int { queues.count }

    func add(_ queue: ReportQueue) {
        guard !isOver else { return queue.end() }
        queues.append(queue)
        reports.add(queue)
    }

    func remove(_ queue: ReportQueue) {
        queues.removeAll { $0 === queue }
        reports.remove(queue)
    }

    /// The gateway has stopped: what waits may still be taken.
    func end() {
        isOver = true
        for queue in queues {
            reports.remove(queue)
            queue.end()
        }
        queues = []
    }
}
