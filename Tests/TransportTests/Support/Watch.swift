import NIOCore

/// Conditions that a test waits for. On the loop only.
final class Watch {
    private let loop: any EventLoop
    private var waiting: [(isMet: () -> Bool, promise: EventLoopPromise<Void>)] = []

    init(_ loop: any EventLoop) { self.loop = loop }

    func when(_ isMet: @escaping () -> Bool) -> EventLoopFuture<Void> {
        let promise = loop.makePromise(of: Void.self)
        waiting.append((isMet, promise))
        check()
        return promise.futureResult
    }

    /// Something has changed.
    func check() {
        waiting.removeAll { wait in
            guard wait.isMet() else { return false }
            wait.promise.succeed()
            return true
        }
    }
}
