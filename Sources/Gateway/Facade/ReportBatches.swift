package import Broker
internal import NIOCore
package import WireLog

/// The reports of a running gateway, a batch at a time, for one loop over them.
///
/// Reports wait in a bounded queue. A reader that is too slow loses the oldest of them, is told how many, and delays nothing.
/// The sequence ends when the gateway has stopped. The gateway reports to it no longer once sequence and iterator are gone.
package struct ReportBatches: AsyncSequence, Sendable {
    /// Reports in their order, and how many older ones were lost since the batch before.
    package typealias Element = ObserverQueue<Report>.Batch

    let subscription: ReportSubscription

    init(_ subscription: ReportSubscription) {
        self.subscription = subscription
    }

    /// For one loop: all iterators take from the same queue.
    package func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(subscription: subscription, news: subscription.queue.news.makeAsyncIterator())
    }

    /// Takes the batches.
    package struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let subscription: ReportSubscription
        fileprivate var news: AsyncStream<Void>.AsyncIterator

        /// - Returns: nil: the gateway has stopped, or the task is cancelled.
        package mutating func next(isolation actor: isolated (any Actor)?) async -> Element? {
            while !Task.isCancelled {
                if let batch = subscription.queue.take() { return batch }
                guard await news.next(isolation: actor) != nil else { return subscription.queue.take() }
            }
            return nil
        }
    }
}

/// Takes the reports on the event loop, for a task that takes them from here.
final class ReportQueue: ReportObserver, Sendable {
    private let reports: ObserverQueue<Report>
    /// One element where something has come since nothing was there.
    let news: AsyncStream<Void>
    private let announce: AsyncStream<Void>.Continuation

    /// - Parameter capacity: how many reports may wait.
    init(capacity: Int) {
        reports = ObserverQueue(capacity: max(1, capacity))
        (news, announce) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func note(_ report: Report) {
        if reports.offer(report, weight: 1) { announce.yield() }
    }

    func take() -> ObserverQueue<Report>.Batch? { reports.take() }

    /// No report follows.
    func end() { announce.finish() }
}

/// Keeps a queue among the observers as long as a reader has it.
final class ReportSubscription: Sendable {
    let queue: ReportQueue
    private let cancel: @Sendable () -> Void

    init(_ queue: ReportQueue, cancel: @escaping @Sendable () -> Void) {
        self.queue = queue
        self.cancel = cancel
    }

    deinit { cancel() }
}
