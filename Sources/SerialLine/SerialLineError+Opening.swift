internal import Glibc

extension SerialLineError {
    /// What the errno of open(2) means for a serial port.
    static func opening(_ path: String, errno: Int32, tree: SystemTree) -> SerialLineError {
        switch errno {
        case ENOENT, ENOTDIR, ENXIO, ENODEV:
            .missing(path: path, present: tree.serialPorts(), errno: errno)
        case EACCES, EPERM:
            .notPermitted(
                path: path,
                user: Account.currentUserName(),
                group: DeviceNode(path: path)?.groupWithAccess,
                errno: errno
            )
        case EBUSY:
            .busy(path: path, holders: holders(of: path, in: tree), errno: errno)
        case EISDIR:
            .notSerialPort(path: path)
        default:
            .systemCall(path: path, call: "open", errno: errno)
        }
    }

    /// What the errno of flock(2) means for a serial port.
    static func locking(_ path: String, errno: Int32, tree: SystemTree) -> SerialLineError {
        guard errno == EWOULDBLOCK else { return .systemCall(path: path, call: "flock", errno: errno) }
        return .busy(path: path, holders: holders(of: path, in: tree), errno: errno)
    }

    private static func holders(of path: String, in tree: SystemTree) -> [PortHolder] {
        DeviceNode(path: path).map { PortHolder.holders(of: $0, in: tree) } ?? []
    }
}
