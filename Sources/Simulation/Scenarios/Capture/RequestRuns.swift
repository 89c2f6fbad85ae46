internal import Broker

/// The distinct requests of one client: identical ones that follow each other count once.
struct RequestRuns {
    struct Run {
        let request: [UInt8]
        /// When its copies came.
        var copies: [Instant]
        var answered: Instant?
        var executions: [Execution] = []
    }

    /// One transmission and its retries.
    struct Execution {
        let began: Instant
        /// When its answer had gone to the client, or it failed.
        var ended: Instant?
    }

    private(set) var all: [Run] = []

    mutating func asked(_ request: [UInt8], at now: Instant) {
        if let last = all.last, last.request == request {
            all[all.count - 1].copies.append(now)
        } else {
            all.append(Run(request: request, copies: [now]))
        }
    }

    mutating func answered(at now: Instant) {
        guard !all.isEmpty, all[all.count - 1].answered == nil else { return }
        all[all.count - 1].answered = now
    }

    /// - Returns: whether it is one of this client's; the newest run of the request executes it.
    mutating func transmitted(_ request: [UInt8], at now: Instant) -> Bool {
        guard let index = all.lastIndex(where: { $0.request == request }) else { return false }
        all[index].executions.append(Execution(began: now))
        return true
    }

    /// What was transmitted last was a retry.
    mutating func joinRetry(_ request: [UInt8]) {
        guard let index = all.lastIndex(where: { $0.request == request }) else { return }
        if all[index].executions.count > 1 { all[index].executions.removeLast() }
        if let last = all[index].executions.indices.last { all[index].executions[last].ended = nil }
    }

    mutating func ended(_ request: [UInt8], at now: Instant) {
        guard let index = all.lastIndex(where: { $0.request == request }),
            let last = all[index].executions.indices.last
        else { return }
        all[index].executions[last].ended = now
    }

    var unanswered: [Run] { all.filter { $0.answered == nil } }

    /// From the first copy of each answered request to its answer.
    var waits: [Duration] { all.compactMap { run in run.answered.map { $0 - run.copies[0] } } }
}

extension RequestRuns.Run {
    /// Function 0x05, 0x06, 0x0F or 0x10.
    var isWrite: Bool { request.count > 1 && [0x05, 0x06, 0x0F, 0x10].contains(request[1]) }

    /// Executions that no copy asked for which came after the one before had ended.
    var needlessExecutions: Int {
        zip(executions, executions.dropFirst()).filter { before, after in
            guard let ended = before.ended else { return true }
            return !copies.contains { ended <= $0 && $0 <= after.began }
        }.count
    }
}
