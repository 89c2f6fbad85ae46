internal import Glibc

/// What the system knows of a file.
struct FileStatus {
    /// Differs between any two files that exist at the same time.
    struct Identity: Hashable {
        let device: UInt64
        let node: UInt64
    }

    let identity: Identity
    let isRegular: Bool
    let isDirectory: Bool
    /// Such as a terminal.
    let isDevice: Bool
    /// In bytes.
    let size: Int

    /// nil if the path leads to no file.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    init?(descriptor: Int32) {
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
