internal import Glibc

extension PortHolder {
    /// The processes that have a port of TCP or UDP, by process identifier; of those of other users only root learns. This
    /// process is not among them.
    ///
    /// - Parameters:
    ///   - port: 1 to 65535.
    ///   - isOfDatagrams: whether it is a port of UDP.
    package static func holders(
        ofPort port: Int, isOfDatagrams: Bool, in tree: SystemTree = SystemTree()
    ) -> [PortHolder] {
        let sockets = sockets(atPort: port, isOfDatagrams: isOfDatagrams, in: tree)
        guard !sockets.isEmpty else { return [] }
        let owners = FileTree.paths(matching: "\(tree.processes)/[0-9]*/fd/*").compactMap { link -> Int? in
            guard let target = FileTree.target(ofLink: link), sockets.contains(target) else { return nil }
            return link.dropFirst(tree.processes.count).split(separator: "/").first.flatMap { Int($0) }
        }
        return Set(owners).subtracting([Int(getpid())]).sorted().map { PortHolder(process: $0, in: tree) }
    }

    /// Reads lines such as `0: 0100007F:139C 00000000:0000 0A … 1000 0 12345 …`; returns names such as `socket:[12345]`.
    private static func sockets(atPort port: Int, isOfDatagrams: Bool, in tree: SystemTree) -> Set<String> {
        let tables = isOfDatagrams ? ["udp", "udp6"] : ["tcp", "tcp6"]
        let lines = tables.flatMap { table in
            (FileTree.contents(of: "\(tree.processes)/net/\(table)") ?? "").split(separator: "\n").dropFirst()
        }
        let sockets = lines.compactMap { line -> String? in
            let fields = line.split(separator: " ")
            // 0A is a socket of TCP that listens.
            guard fields.count > 9, isOfDatagrams || fields[3] == "0A",
                let end = fields[1].split(separator: ":").last, Int(end, radix: 16) == port
            else { return nil }
            return "socket:[\(fields[9])]"
        }
        return Set(sockets)
    }
}
