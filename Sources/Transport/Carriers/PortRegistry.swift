package import SerialLine

/// Which physical port belongs to which device, as far as the system tells, and which links lead nowhere safe (R12).
///
/// `/dev/ttyUSB0` may come back as the adapter that was `/dev/ttyUSB1`: the dongle's must not be taken for the
/// inverter's.
package final class PortRegistry {
    private var owners: [PhysicalPort: String] = [:]
    /// By the name of a device: the links through which it was open, to a pseudo-terminal that has ended. As long as they
    /// are the same its number may be another program's, also for the device that a reload puts in the place of this one.
    private var endedLinks: [String: LinkChain] = [:]

    package init() {}

    /// Remembers that this port was found under this path.
    ///
    /// - Returns: nil, or the path of the device whose port it is known to be.
    package func claim(_ port: PhysicalPort?, for path: String) -> String? {
        guard let port else { return nil }
        if let owner = owners[port], owner != path { return owner }
        owners = owners.filter { $0.value != path }
        owners[port] = path
        return nil
    }

    /// The links that must not be followed; nil: none.
    func endedLinks(of path: String) -> LinkChain? { endedLinks[path] }

    /// - Parameter links: to a pseudo-terminal that has ended; nil: the device is open, or was closed by this side.
    func noteEnded(_ links: LinkChain?, of path: String) { endedLinks[path] = links }
}
