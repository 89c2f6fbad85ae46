package import Broker
internal import Glibc
internal import NIOCore
internal import NIOPosix

/// Runs a gateway as a process: until a signal, with a clean end.
package enum GatewayProcess {
    /// Runs until SIGINT or SIGTERM, or until the time is over. SIGHUP re-opens the log. Blocks.
    ///
    /// - Parameters:
    ///   - signals: made before any other thread.
    ///   - duration: nil: without limit.
    ///   - started: told the addresses of the listeners, on the event loop.
    ///   - observe: told of every event, on the event loop.
    /// - Throws: ``GatewayError`` if a listener cannot listen; what ``Gateway`` says of its configuration.
    package static func run(
        _ configuration: GatewayConfiguration, signals: ProcessSignals, duration: Duration? = nil,
        report: @escaping @Sendable (String) -> Void, started: @escaping @Sendable ([String]) -> Void,
        observe: @escaping @Sendable (BrokerEvent) -> Void = { _ in }
    ) throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        raiseDescriptorLimit(to: configuration.maximumClients + 64)
        let gateway = try loop.submit {
            NIOLoopBound(
                try Gateway(configuration, loop: loop, report: report, observe: observe), eventLoop: loop)
        }.wait()
        let addresses: [String]
        do {
            addresses = try loop.flatSubmit { gateway.value.start() }.wait()
        } catch {
            try end(gateway, loop)
            try group.syncShutdownGracefully()
            throw error
        }
        started(addresses)
        signals.waitForEnd(within: duration) {
            loop.execute { gateway.value.reopenLog() }
        }
        try end(gateway, loop)
        try group.syncShutdownGracefully()
    }

    private static func end(_ gateway: NIOLoopBound<Gateway>, _ loop: any EventLoop) throws {
        let closeLog = try loop.submit { gateway.value.closeLog }.wait()
        try loop.flatSubmit { gateway.value.stop() }.wait()
        closeLog()
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
