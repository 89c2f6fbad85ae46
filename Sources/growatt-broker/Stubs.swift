internal import Settings

/// Stands in until the Gateway module is linked.
enum StubError: Error, CustomStringConvertible {
    case notLinked

    var description: String { "not linked yet" }
}

func runGateway(_ settings: GatewaySettings) async throws {
    throw StubError.notLinked
}

func runDemo(_ settings: DemoSettings) async throws {
    throw StubError.notLinked
}
