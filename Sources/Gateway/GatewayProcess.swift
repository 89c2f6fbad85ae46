package import Broker
internal import Glibc
internal import Logging
internal import NIOCore
internal import NIOPosix
package import Settings
internal import Transport
internal import WireLog

/// Runs a gateway as a process: until a signal, with a clean end.
package struct GatewayProcess: Sendable {
    /// For the operator; its level is ``level``.
    private let logger: Logger
    private let level: OperatorLog.Level
    /// Reads the configuration again, on another thread than the event loop's.
    ///
    /// - Parameters:
    ///   - running: what runs; what it has already need not be read again.
    ///   - report: takes, on any thread, what is wrong with a recording further on.
    package typealias Load =
        @Sendable (
            _ running: GatewayConfiguration, _ report: @escaping @Sendable (String) -> Void
        ) throws -> GatewayConfiguration

    /// nil: there is none to read.
    private let load: Load?
    private let version: String
    /// nil: the process is no service, or one that nobody asks about.
    private let service = ServiceManager()

    /// - Parameters:
    ///   - version: of the program, as `status` tells it.
    ///   - load: reads the configuration again; nil: there is none to read.
    ///   - write: takes each line for the operator, and how important it is, from any thread; it must not block.
    package init(
        version: String, level: LogLevel, load: Load? = nil,
        write: @escaping @Sendable (LogLevel, String) -> Void
    ) {
        self.version = version
        self.level = OperatorLog.Level(level)
        self.load = load
        logger = OperatorLog.logger(self.level, write: write)
    }

    /// Tells the operator something.
    package func tell(_ level: LogLevel, _ line: String) {
        switch level {
        case .error: logger.error("\(line)")
        case .warning: logger.warning("\(line)")
        case .info: logger.info("\(line)")
        case .debug: logger.debug("\(line)")
        }
    }

    /// Runs until SIGINT or SIGTERM, or until the time is over. SIGHUP re-opens the log and reads the configuration
    /// again. Blocks.
    ///
    /// - Parameters:
    ///   - signals: made before any other thread.
    ///   - duration: nil: without limit.
    ///   - services: what is part of the process besides the gateway, in the order in which it starts.
    ///   - started: told the addresses of the listeners as soon as every service is bound, on any thread.
    ///   - observe: told of every event, on the event loop.
    /// - Returns: the number of captured lines.
    /// - Throws: ``GatewayError`` if a listener cannot listen; what ``Gateway`` says of its configuration; why a service
    ///   could not start, or has failed.
    @discardableResult
    package func run(
        _ configuration: GatewayConfiguration, signals: ProcessSignals, duration: Duration? = nil,
        services: [ServiceMaking] = [], started: @escaping @Sendable ([String]) -> Void,
        observe: @escaping @Sendable (BrokerEvent) -> Void = { _ in }
    ) throws -> Int {
        let (logger, service, events) = (logger, service, ProcessEvents())
        signals.endStart(events)
        let sockets = HandedSocket.taken { logger.warning("\($0)") }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        Self.raiseDescriptorLimit(for: configuration, logger: logger)
        let gateway = try loop.submit {
            NIOLoopBound(
                try Gateway(configuration, loop: loop, logger: logger, sockets: sockets, observe: observe),
                eventLoop: loop)
        }.wait()
        let control = try loop.submit { NIOLoopBound(makeControl(gateway.value), eventLoop: loop) }.wait()
        if let service { try loop.submit { ServiceReports.begin(service, of: gateway.value) }.wait() }
        let all = GatewayServices(
            gateway: gateway, control: control, events: events, others: services, tell: tell,
            notify: { service?.tell($0) })
        let running = loop.makeFutureWithTask {
            try await all.run(at: configuration.control, for: duration) { addresses in
                started(addresses)
                for warning in configuration.warnings { tell(.warning, warning) }
            }
        }
        let result = Result { try running.wait() }
        let (closeLog, capture) = try loop.submit {
            (gateway.value.closeLog, gateway.value.environment.observers.logs.capture)
        }.wait()
        closeLog()
        try group.syncShutdownGracefully()
        try result.get()
        return capture.written
    }

    private func makeControl(_ gateway: Gateway) -> GatewayControl {
        GatewayControl(gateway, level: level, version: version, service: service, load: load)
    }

    /// Each client takes a descriptor, and many systems start with 1024.
    static func raiseDescriptorLimit(for configuration: GatewayConfiguration, logger: Logger) {
        // A virtual port takes six, a feed has 64 readers, a line and its dongle two each.
        let listeners = configuration.listeners.reduce(0) { sum, listener in
            switch listener.kind {
            case .pty: sum + 8
            case .sniff: sum + 65
            default: sum + 1
            }
        }
        let wanted = configuration.limits.clients + listeners + configuration.lines.count * 8 + 64
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < wanted else {
            return
        }
        limit.rlim_cur = min(rlim_t(wanted), limit.rlim_max)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        guard limit.rlim_max < wanted else { return }
        logger.warning(
            """
            \(configuration.limits.clients) clients (clients.limit) may need \(wanted) descriptors, but this process may \
            have \(limit.rlim_max): lower clients.limit, or raise the hard limit (LimitNOFILE= of the service, ulimit -Hn)
            """)
    }
}
