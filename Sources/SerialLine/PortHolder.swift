internal import Glibc

/// A process that has a serial port open, or an address.
package struct PortHolder: Hashable, Sendable {
    /// Its process identifier.
    package let process: Int
    /// The name of its program, at most 15 bytes as the kernel keeps it; empty where it ended meanwhile.
    package let program: String

    /// The program of this project, cut as the kernel cuts names.
    static let broker = "growatt-broker"

    package init(process: Int, program: String) {
        self.process = process
        self.program = program
    }
}

extension PortHolder: CustomStringConvertible {
    /// As in `pid 1234 (mbusd)`.
    package var description: String {
        program.isEmpty ? "pid \(process)" : "pid \(process) (\(program))"
    }
}

extension PortHolder {
    /// The processes that locked a port, or else those that have it open, by process identifier; of those of
    /// other users only root learns who did not lock it.
    static func holders(of node: DeviceNode, in tree: SystemTree) -> [PortHolder] {
        let owners = lockOwners(of: node, in: tree)
        let processes = owners.isEmpty ? openers(of: node, in: tree) : owners
        return processes.sorted().map { PortHolder(process: $0, in: tree) }
    }

    /// With the name of the program, as long as it runs.
    package init(process: Int, in tree: SystemTree = SystemTree()) {
        let program = FileTree.contents(of: "\(tree.processes)/\(process)/comm") ?? ""
        self.init(process: process, program: String(program.prefix { $0 != "\n" }))
    }

    /// Reads lines such as `1: FLOCK  ADVISORY  WRITE 1234 00:05:334 0 EOF`, which every user may.
    private static func lockOwners(of node: DeviceNode, in tree: SystemTree) -> Set<Int> {
        let locks = FileTree.contents(of: "\(tree.processes)/locks") ?? ""
        let owners = locks.split(separator: "\n").compactMap { line -> Int? in
            let fields = line.split(separator: " ")
            guard fields.count > 5, fields[1] == "FLOCK", fields[5] == node.lockName else { return nil }
            return Int(fields[4])
        }
        // A lock outlives the process that made it where a child has inherited the descriptor.
        return Set(owners.filter { FileTree.contents(of: "\(tree.processes)/\($0)/comm") != nil })
    }

    /// Looks through the descriptors of the processes this one may look into.
    private static func openers(of node: DeviceNode, in tree: SystemTree) -> Set<Int> {
        let links = FileTree.paths(matching: "\(tree.processes)/[0-9]*/fd/*")
        let owners = links.compactMap { link -> Int? in
            // Asking only for devices keeps a hung network file system from hanging this scan.
            guard FileTree.target(ofLink: link)?.hasPrefix("\(tree.devices)/") == true,
                let open = DeviceNode(path: link), open.isCharacterDevice, open.number == node.number
            else { return nil }
            return link.dropFirst(tree.processes.count).split(separator: "/").first.flatMap { Int($0) }
        }
        return Set(owners)
    }
}
