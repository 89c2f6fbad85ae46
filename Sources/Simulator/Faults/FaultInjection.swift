package import Broker
internal import Modbus

/// Disturbs any backend. A client on a network has no line before it: it gets of a damaged reply what a gateway would
/// make of it, no reply.
package final class FaultInjection: Backend {
    private let injector: FaultInjector
    private let next: any Backend
    private let timeline: any Timeline
    private let responseTimeout: Duration
    private let delayed: DelayedActions
    private var isStopping = false

    package init(
        _ injector: FaultInjector, next: any Backend, timeline: any Timeline,
        responseTimeout: Duration = .milliseconds(900)
    ) {
        self.injector = injector
        self.next = next
        self.timeline = timeline
        self.responseTimeout = responseTimeout
        delayed = DelayedActions(timeline)
    }

    package func submit(_ query: Query, _ done: @escaping (Exchange) -> Void) {
        let now = timeline.now
        switch injector.fault(
            for: RTUFrame(unit: query.unit, pdu: query.pdu), of: query.client.name, at: now)
        {
        case .none, .duplicate, .noiseBefore, .noiseAfter, .split:
            next.submit(query, done)
        case .delay(let duration):
            next.submit(query) { exchange in self.delay(exchange, by: duration, done) }
        case .exception(let code):
            let pdu = PDU(exception: ExceptionCode(rawValue: code), to: query.pdu.function)
            done(query.answered(.success(RTUFrame(unit: query.unit, pdu: pdu)), sent: now, at: now))
        case .unplugged:
            done(.failed(query, .unavailable, at: now))
        case .asleep:
            let exchange = query.answered(.failure(.noReply), sent: now, at: now)
            end(exchange, after: responseTimeout, done)
        case .loss, .late, .truncated, .corrupted, .wrongUnit, .wrongFunction, .wrongLength:
            next.submit(query) { exchange in self.lose(exchange, done) }
        }
    }

    package func withdraw(_ id: Query.ID) {
        next.withdraw(id)
    }

    /// Completes at once what is delayed, and delays nothing any more; to be called before the next backend is stopped.
    package func stop() {
        isStopping = true
        delayed.hurry()
    }

    /// The unit has executed it, and nobody hears what it says; what has failed without the unit stays as it is.
    private func lose(_ exchange: Exchange, _ done: @escaping (Exchange) -> Void) {
        guard case .success = exchange.result else { return done(exchange) }
        let lost = exchange.query.answered(
            .failure(.noReply), attempts: exchange.attempts, sent: exchange.sent, at: exchange.finished)
        end(lost, after: responseTimeout, done)
    }

    /// What has failed without the unit, as it was withdrawn or the broker stops, is not delayed.
    private func delay(_ exchange: Exchange, by duration: Duration, _ done: @escaping (Exchange) -> Void) {
        guard case .success = exchange.result else { return done(exchange) }
        end(exchange, after: duration, done)
    }

    /// Completes it later, but not after its deadline (R8).
    private func end(_ exchange: Exchange, after duration: Duration, _ done: @escaping (Exchange) -> Void) {
        let instant = isStopping ? timeline.now : timeline.now + duration
        let deadline = exchange.query.deadline ?? .distantFuture
        let complete = { [timeline] in
            let result = instant <= deadline ? exchange.result : .failure(.expiredOnLine)
            done(
                exchange.query.answered(
                    result, attempts: exchange.attempts, sent: exchange.sent, source: exchange.source,
                    at: timeline.now))
        }
        if isStopping { complete() } else { delayed.add(at: min(instant, deadline), complete) }
    }
}

extension Query {
    fileprivate func answered(
        _ result: Result<RTUFrame, BrokerError>, attempts: Int = 1, sent: Instant?,
        source: Exchange.Source = .broker, at now: Instant
    ) -> Exchange {
        Exchange(query: self, result: result, source: source, attempts: attempts, sent: sent, finished: now)
    }
}
