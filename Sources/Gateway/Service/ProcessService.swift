package import ServiceLifecycle

/// A part of the process besides the gateway, such as an HTTP server or an MQTT client. `RunningGateway` is its way to the
/// gateway.
///
/// ``run()`` goes on until a graceful shutdown, and then ends by itself. Its failure ends the process, as a signal does.
package protocol ProcessService: ServiceLifecycle.Service {
    /// Takes what it needs, such as its port. Awaited before the process tells that it is ready.
    ///
    /// - Throws: what is in the way: the process ends then.
    func start() async throws
}

/// How a service of the process is made.
package struct ServiceMaking: Sendable {
    /// As figures and logs have it, such as `http`.
    let name: String
    let make: @Sendable (RunningGateway) -> any ProcessService

    /// - Parameter name: as figures and logs have it, such as `http`.
    package init(_ name: String, make: @escaping @Sendable (RunningGateway) -> any ProcessService) {
        self.name = name
        self.make = make
    }
}
