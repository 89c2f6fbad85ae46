internal import Glibc

/// What the system knows of a file.
package struct FileStatus {
    /// Differs between any two files that exist at the same time.
    package struct Identity: Hashable {
        let device: UInt64
        let node: UInt64
    }

    package let identity: Identity
    package let isRegular: Bool
    package let isDirectory: Bool
    /// Such as a terminal.
    package let isDevice: Bool
    /// In bytes.
    package let size: Int

    /// nil if the path leads to no file.
    package init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    /// nil if the descriptor is not open.
    package init?(descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    private init(_ status: stat) {
        identity = Identity(device: UInt64(status.st_dev), node: UInt64(status.st_ino))
        isRegular = status.st_mode & S_IFMT == S_IFREG
        isDirectory = status.st_mode & S_IFMT == S_IFDIR
        isDevice = [S_IFCHR, S_IFBLK].contains(status.st_mode & S_IFMT)
        size = Int(status.st_size)
    }
}
