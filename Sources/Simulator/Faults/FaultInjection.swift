package import Broker
internal import Modbus

/// Disturbs any backend. A client on a network has no line before it: it gets of a damaged reply what a gateway would
/// make of it, no reply.
package final class FaultInjection: LineBox {
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

    package func submit(_ query: Query, for owner: any QueryOwner) {
        let now = timeline.now
        let fault = injector.fault(
            for: RTUFrame(unit: query.lineUnit, pdu: query.pdu), of: query.client.name, at: now)
        guard let fault else { return next.submit(query, for: owner) }
        switch fault.request {
        case .passes: submit(query, fault.kind.replyWithoutLine, for: owner)
        case .refused(let code):
            let pdu = PDU(exception: code, to: query.pdu.function)
            owner.finished(query.answered(.success(RTUFrame(unit: query.lineUnit, pdu: pdu)), sent: now, at: now))
        case .unheard:
            let exchange = query.answered(.failure(.noReply), sent: now, at: now)
            end(exchange, after: responseTimeout, owner)
        case .unplugged: owner.finished(.failed(query, .unavailable, at: now))
        }
    }

    private func submit(_ query: Query, _ effect: ReplyEffect, for owner: any QueryOwner) {
        switch effect {
        case .passes: next.submit(query, for: owner)
        case .delayed(let duration): next.submit(query) { exchange in self.delay(exchange, by: duration, owner) }
        case .lost: next.submit(query) { exchange in self.lose(exchange, owner) }
        }
    }

    package func withdraw(_ query: Query) {
        next.withdraw(query)
    }

    /// Completes at once what is delayed, and delays nothing any more; to be called before the next backend is stopped.
    package func stop() {
        isStopping = true
        delayed.hurry()
    }

    /// The unit has executed it, and nobody hears what it says; what has failed without the unit stays as it is.
    private func lose(_ exchange: Exchange, _ owner: any QueryOwner) {
        guard case .success = exchange.result else { return owner.finished(exchange) }
        let lost = exchange.query.answered(
            .failure(.noReply), attempts: exchange.attempts, sent: exchange.sent, at: exchange.finished)
        end(lost, after: responseTimeout, owner)
    }

    /// What has failed without the unit, as it was withdrawn or the broker stops, is not delayed.
    private func delay(_ exchange: Exchange, by duration: Duration, _ owner: any QueryOwner) {
        guard case .success = exchange.result else { return owner.finished(exchange) }
        end(exchange, after: duration, owner)
    }

    /// Completes it later, but not after its deadline (R8).
    private func end(_ exchange: Exchange, after duration: Duration, _ owner: any QueryOwner) {
        let instant = isStopping ? timeline.now : timeline.now + duration
        let deadline = exchange.query.deadline ?? .distantFuture
        let complete = { [timeline] in
            let result = instant <= deadline ? exchange.result : .failure(.expiredOnLine)
            owner.finished(
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
