internal import Glibc

/// What stat(2) says about a path.
struct DeviceNode {
    private let status: stat

    /// - Returns: nil with `errno` set where the path leads nowhere.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.status = status
    }

    /// - Returns: nil with `errno` set where the descriptor is not open.
    init?(descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.status = status
    }

    var isCharacterDevice: Bool { status.st_mode & S_IFMT == S_IFCHR }

    var isFileOrDirectory: Bool { [S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) }

    /// Major and minor number of the device, equal for every node that leads to it.
    var number: DeviceNumber { DeviceNumber(status.st_rdev) }

    /// The name of the owning group where that group may read and write, as `dialout` usually may.
    var groupWithAccess: String? {
        let access = S_IRGRP | S_IWGRP
        return status.st_mode & access == access ? Account.groupName(status.st_gid) : nil
    }

    /// The file as /proc/locks writes it: major and minor number of the file system, inode.
    var lockName: String {
        let fileSystem = DeviceNumber(status.st_dev)
        return "\(Self.hexadecimal(fileSystem.major)):\(Self.hexadecimal(fileSystem.minor)):\(status.st_ino)"
    }

    private static func hexadecimal(_ value: UInt32) -> String {
        let digits = String(value, radix: 16)
        return digits.count < 2 ? "0\(digits)" : digits
    }
}
