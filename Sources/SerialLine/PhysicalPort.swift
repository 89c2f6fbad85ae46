/// The socket an adapter is plugged into or the chip behind a fixed port: what stays the same when
/// `/dev/ttyUSB0` comes back as `/dev/ttyUSB1`.
///
/// Two names of one port have equal values, two ports never, as long as the system runs.
package struct PhysicalPort: Hashable, Sendable {
    /// The directory of the port in sysfs. For USB that of the interface, such as
    /// `/sys/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.0`, without the changing name of the terminal.
    package let location: String
    /// Which port of a USB interface that has several, from 0; nil where the driver does not number them.
    package let index: Int?

    /// The port behind a device, or nil where the path leads to none or to a pseudo-terminal.
    package init?(path: String, tree: SystemTree = SystemTree()) {
        guard let node = DeviceNode(path: path), node.isCharacterDevice else { return nil }
        self.init(node.number, tree: tree)
    }

    init?(_ number: DeviceNumber, tree: SystemTree) {
        guard let terminal = FileTree.resolve("\(tree.drivers)/dev/char/\(number.major):\(number.minor)") else {
            return nil
        }
        let components = terminal.split(separator: "/")
        guard let interface = components.lastIndex(where: Self.isUSBInterface) else {
            location = terminal
            index = nil
            return
        }
        location = "/" + components[...interface].joined(separator: "/")
        let name = components[components.index(before: components.endIndex)]
        index = FileTree.contents(of: "\(location)/\(name)/port_number")
            .flatMap { Int($0.prefix { $0 != "\n" }) }
    }

    /// Whether a name in sysfs is that of a USB interface: `bus-port[.port…]:configuration.interface`.
    private static func isUSBInterface(_ name: Substring) -> Bool {
        let halves = name.split(separator: ":", omittingEmptySubsequences: false)
        guard halves.count == 2, let device = halves.first, let interface = halves.last else { return false }
        return device.contains("-") && device.allSatisfy { $0.isWholeNumber || $0 == "-" || $0 == "." }
            && interface.contains(".") && interface.allSatisfy { $0.isWholeNumber || $0 == "." }
    }
}

extension PhysicalPort: CustomStringConvertible {
    /// The directory and, where there is one, the number, such as `/sys/devices/…/1-2:1.0 port 0`.
    package var description: String {
        index.map { "\(location) port \($0)" } ?? location
    }
}
