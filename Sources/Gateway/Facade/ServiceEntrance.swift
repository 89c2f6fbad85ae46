internal import Broker
internal import Modbus

/// Where the queries of one service of the process come in. On the event loop only.
///
/// A service asks as a client of a listener would: by an access path of its own, under the rate of all clients. It may only
/// read.
final class ServiceEntrance {
    let session: ServiceSession
    private let path: AccessPath

    /// - Parameter name: of the service, such as `http`.
    init(_ name: String, _ switchboard: Switchboard, timeline: any Timeline) {
        path = switchboard.makePath("service \(name)")
        let client = Client(kind: .service, name: "SERVICE:\(name)", address: "SERVICE:\(name)")
        session = ServiceSession(client: client, path: path, timeline: timeline, observe: switchboard.observe)
    }

    var planned: SwitchboardPlan.Path {
        var access = AccessPolicy.Settings()
        access.isReadOnly = true
        return SwitchboardPlan.Path(path, access)
    }
}
