package import Broker
internal import Dispatch
internal import Glibc
internal import NIOCore
internal import NIOPosix

/// Runs a gateway as a process: until a signal, with a clean end.
package enum GatewayProcess {
    /// Runs until SIGINT or SIGTERM, or until the time is over. SIGHUP re-opens the log. Blocks.
    ///
    /// - Parameters:
    ///   - duration: nil: without limit.
    ///   - started: told the addresses of the listeners, on the event loop.
    ///   - observe: told of every event, on the event loop.
    /// - Throws: ``GatewayError`` if a listener cannot listen.
    package static func run(
        _ configuration: GatewayConfiguration, duration: Duration? = nil,
        report: @escaping @Sendable (String) -> Void, started: @escaping @Sendable ([String]) -> Void,
        observe: @escaping @Sendable (BrokerEvent) -> Void = { _ in }
    ) throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        raiseDescriptorLimit(to: configuration.maximumClients + 64)
        let signals = StopSignals()
        let gateway = try loop.submit {
            NIOLoopBound(
                Gateway(configuration, loop: loop, report: report, observe: observe), eventLoop: loop)
        }.wait()
        signals.onHangUp { loop.execute { gateway.value.reopenLog() } }
        let addresses: [String]
        do {
            addresses = try loop.flatSubmit { gateway.value.start() }.wait()
        } catch {
            try? group.syncShutdownGracefully()
            throw error
        }
        started(addresses)
        if let duration { signals.stop(after: duration) }
        signals.wait()
        let closeLog = try loop.submit { gateway.value.closeLog }.wait()
        try loop.flatSubmit { gateway.value.stop() }.wait()
        closeLog()
        try group.syncShutdownGracefully()
    }

    /// Each client takes a descriptor, and many systems start with 1024.
    private static func raiseDescriptorLimit(to wanted: Int) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < wanted else {
            return
        }
        limit.rlim_cur = min(rlim_t(wanted), limit.rlim_max)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}

/// Waits for SIGINT and SIGTERM, and tells of SIGHUP. SIGPIPE is ignored: a reader of the log may go away.
private final class StopSignals {
    private let stop = DispatchSemaphore(value: 0)
    private var sources: [any DispatchSourceSignal] = []

    init() {
        signal(SIGPIPE, SIG_IGN)
        for number in [SIGINT, SIGTERM] { handle(number) { [stop] in stop.signal() } }
    }

    func onHangUp(_ action: @escaping @Sendable () -> Void) {
        handle(SIGHUP, action)
    }

    func stop(after duration: Duration) {
        let nanoseconds = Int(duration.nanoseconds)
        DispatchQueue.global().asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) { [stop] in stop.signal() }
    }

    func wait() {
        stop.wait()
    }

    private func handle(_ number: Int32, _ action: @escaping @Sendable () -> Void) {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler(handler: action)
        source.resume()
        sources.append(source)
    }
}
