internal import Broker
internal import NIOCore
internal import Text

/// What the service manager is told of a running gateway. On the event loop only.
enum ServiceReports {
    /// Begins to tell that the event loop runs, twice within the time in which it has to be told.
    static func begin(_ service: ServiceManager, of gateway: Gateway) {
        guard let period = service.watchdog else { return }
        let gateway = NIOLoopBound(gateway, eventLoop: gateway.loop)
        // A period that nobody means would leave the loop no time for anything else.
        let half = max(TimeAmount.nanoseconds(period.nanoseconds / 2), .milliseconds(10))
        gateway.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: half) { _ in
            service.tell(.alive, .status(gateway.value.summary))
        }
    }
}

extension Gateway {
    /// How it stands, in a few words: `inverter open, 3 clients`.
    fileprivate var summary: String {
        let lines = lines.map { line in
            guard let status = line.source.status else { return "\(line.line.name) simulated" }
            return "\(line.line.name) \(status.isOpen ? "open" : "waits for its port")"
        }
        let clients = listeners.snapshot.reduce(0) { $0 + ($1.connections ?? 0) }
        return (lines + [clients.counted("client")]).joined(separator: ", ")
    }
}
