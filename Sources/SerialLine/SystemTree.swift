/// Where the system shows its devices, its drivers and its processes; a test gives directories of its own.
package struct SystemTree: Hashable, Sendable {
    package var devices: String
    package var drivers: String
    package var processes: String

    package init(devices: String = "/dev", drivers: String = "/sys", processes: String = "/proc") {
        self.devices = devices
        self.drivers = drivers
        self.processes = processes
    }

    /// The serial ports that are present: stable names first, then the device nodes those do not lead to.
    ///
    /// Pseudo-terminals and consoles are not among them, nor `ttyS` nodes without a chip (their type is 0).
    package func serialPorts() -> [String] {
        let stable = FileTree.paths(matching: "\(devices)/serial/by-id/*")
        let covered = Set(stable.compactMap(FileTree.resolve))
        let nodes = FileTree.paths(matching: "\(drivers)/class/tty/*/device").compactMap { device -> String? in
            let port = String(device.dropLast("/device".count))
            guard FileTree.contents(of: "\(port)/type")?.first != "0",
                let node = FileTree.resolve("\(devices)/\(FileTree.lastComponent(of: port))"),
                !covered.contains(node)
            else { return nil }
            return node
        }
        return stable + nodes
    }
}
