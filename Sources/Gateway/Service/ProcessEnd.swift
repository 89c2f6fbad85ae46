internal import Broker
internal import NIOCore
internal import ServiceLifecycle
internal import Settings
internal import Transport

/// Waits for the end of the process, and then until it does no harm. When it is over, the group stops.
struct ProcessEnd: ServiceLifecycle.Service {
    /// For connections, ports and logs, when the lines have stopped.
    private static let timeToFinish: Duration = .seconds(10)

    let gateway: NIOLoopBound<Gateway>
    let control: NIOLoopBound<GatewayControl>
    let events: ProcessEvents
    /// nil: without limit.
    let duration: Duration?
    let tell: @Sendable (LogLevel, String) -> Void
    let notify: @Sendable ([ServiceManager.Message]) -> Void

    private var loop: any EventLoop { gateway.eventLoop }

    func run() async throws {
        if let duration {
            loop.scheduleTask(in: TimeAmount(duration)) { [events] in events.note { $0.isTimeOver = true } }
        }
        let failure = await waitForReason()
        notify([.stopping])
        try await waitForUpdate()
        let longest = try await loop.submit { [gateway] in gateway.value.longestStop }.get()
        notify([.extendTimeout(longest + Self.timeToFinish)])
        if let failure { throw failure }
    }

    /// - Returns: what has failed; nil: nothing.
    private func waitForReason() async -> (any Error)? {
        while let event = await events.next() {
            if event.isHangUp {
                loop.execute { [gateway, control] in
                    gateway.value.reopenLog()
                    if control.value.canReload { control.value.reload().whenComplete { _ in } }
                }
            }
            if event.endings > 0 || event.isTimeOver || event.failure != nil {
                // A second one has come with the first.
                if event.endings > 1 { events.note { $0.endings += 1 } }
                return event.failure
            }
        }
        return nil
    }

    /// Waits until no firmware update goes on, or for a second signal: to stop in the midst of one may leave an inverter
    /// that does not start.
    private func waitForUpdate() async throws {
        guard try await isUpdating() else { return }
        tell(
            .error,
            "not stopped: a firmware update goes on, and to stop now may leave an inverter that does not start; it "
                + "stops five minutes after the last byte of the update, or at once by a second signal")
        let reminder = loop.scheduleRepeatedTask(initialDelay: .zero, delay: .seconds(1)) { [events] _ in
            events.remind()
        }
        defer { reminder.cancel() }
        while let event = await events.next() {
            if event.endings > 0 {
                return tell(.error, "stopped by a second signal, in the midst of a firmware update")
            }
            // What ends is not told that it reloads; but its log may be rotated.
            if event.isHangUp { loop.execute { [gateway] in gateway.value.reopenLog() } }
            guard try await isUpdating() else { return }
            notify([.extendTimeout(.seconds(30)), .status("waits for the end of a firmware update")])
        }
    }

    private func isUpdating() async throws -> Bool {
        try await loop.submit { [gateway] in gateway.value.isUpdating }.get()
    }
}
