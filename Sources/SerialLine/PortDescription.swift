internal import Glibc

/// What the system knows about a serial port, without opening it.
package struct PortDescription: Hashable, Sendable {
    /// The adapter on the bus, as its own memory tells; all of it may be missing.
    package struct Adapter: Hashable, Sendable {
        package var manufacturer: String?
        package var product: String?
        package var serialNumber: String?
        /// Four hexadecimal digits each, such as `1a86:7523`; nil: no USB adapter.
        package var identifiers: String?

        package init(
            manufacturer: String? = nil, product: String? = nil, serialNumber: String? = nil, identifiers: String? = nil
        ) {
            self.manufacturer = manufacturer
            self.product = product
            self.serialNumber = serialNumber
            self.identifiers = identifiers
        }
    }

    package enum Access: Hashable, Sendable {
        case allowed
        /// The group that may open it, if the device says so.
        case denied(group: String?)
    }

    /// The device node, such as `/dev/ttyUSB0`.
    package let device: String
    /// Named after the adapter.
    package var byID: String?
    /// Named after the socket that it is plugged into.
    package var byPath: String?
    /// The kernel's driver, such as `ch341-uart`.
    package var driver: String?
    package var adapter = Adapter()
    /// Who has it open; of processes of other users only those that locked it, unless root asks.
    package var holders: [PortHolder] = []
    package var access = Access.allowed

    package init(device: String) { self.device = device }
}

extension PortDescription {
    /// The port at a node of `tree`.
    init(device: String, in tree: SystemTree) {
        self.init(device: device)
        for name in StableName.names(of: device, in: tree) {
            if name.contains("/by-id/") { byID = byID ?? name } else { byPath = byPath ?? name }
        }
        let terminal = "\(tree.drivers)/class/tty/\(FileTree.lastComponent(of: device))/device"
        driver = FileTree.resolve("\(terminal)/driver").map { FileTree.lastComponent(of: $0) }
        adapter = FileTree.resolve(terminal).map { Adapter(above: $0, root: tree.drivers) } ?? Adapter()
        if let node = DeviceNode(path: device) {
            holders = PortHolder.holders(of: node, in: tree)
            if Glibc.access(device, R_OK | W_OK) != 0 { access = .denied(group: node.groupWithAccess) }
        }
    }
}

extension PortDescription.Adapter {
    /// Looks from the directory of a terminal upwards for the USB device that it belongs to.
    fileprivate init(above directory: String, root: String) {
        var directory = directory
        while directory.hasPrefix(root), directory.count > root.count {
            if let vendor = Self.line("\(directory)/idVendor"), let product = Self.line("\(directory)/idProduct") {
                self.init(
                    manufacturer: Self.line("\(directory)/manufacturer"), product: Self.line("\(directory)/product"),
                    serialNumber: Self.line("\(directory)/serial"), identifiers: "\(vendor):\(product)")
                return
            }
            directory = directory.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
        }
        self.init()
    }

    private static func line(_ path: String) -> String? {
        let text = FileTree.contents(of: path)?.prefix { $0 != "\n" }
        return text.flatMap { $0.isEmpty ? nil : String($0) }
    }
}

extension SystemTree {
    /// The serial ports that are present, by device.
    ///
    /// - Parameter isComplete: also pseudo-terminals, and `ttyS` nodes without a chip.
    package func portDescriptions(isComplete: Bool = false) -> [PortDescription] {
        let terminals = FileTree.paths(matching: "\(drivers)/class/tty/*/device").compactMap { device -> String? in
            let terminal = String(device.dropLast("/device".count))
            let hasChip = FileTree.contents(of: "\(terminal)/type")?.first != "0"
            return hasChip || isComplete ? "\(devices)/\(FileTree.lastComponent(of: terminal))" : nil
        }
        let others = isComplete ? FileTree.paths(matching: "\(devices)/pts/[0-9]*") : []
        return (terminals + others).filter { DeviceNode(path: $0) != nil }.map { PortDescription(device: $0, in: self) }
    }
}
