package import SerialLine

/// Which physical port belongs to which device, as far as the system tells (R12).
///
/// `/dev/ttyUSB0` may come back as the adapter that was `/dev/ttyUSB1`: the dongle's must not be taken for the
/// inverter's.
package final class PortRegistry {
    private var owners: [PhysicalPort: String] = [:]

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
}
