internal import Glibc

/// A symbolic link to a pseudo-terminal, removed when it is gone, unless it points elsewhere by then.
struct SymbolicLink: ~Copyable, Sendable {
    let path: String
    private let target: String

    /// Makes the link, in place of an older one that leads to a pseudo-terminal or nowhere.
    ///
    /// - Throws: `linkRefused` where something else has the name, `systemCall`.
    init(at path: String, to target: String) throws(SerialLineError) {
        guard Self.mayBeReplaced(path) else { throw .linkRefused(path: path) }
        try Self.make(path, to: target)
        self.path = path
        self.target = target
    }

    /// Makes the link again, if another one has its name by now.
    func renew() throws(SerialLineError) {
        guard FileTree.target(ofLink: path) != target else { return }
        guard Self.mayBeReplaced(path) else { throw .linkRefused(path: path) }
        try Self.make(path, to: target)
    }

    private static func make(_ path: String, to target: String) throws(SerialLineError) {
        let passing = "\(path).\(getpid())"
        unlink(passing)
        guard symlink(target, passing) == 0 else {
            throw .unusableFolder(path: path, errno: errno)
        }
        // Renaming lets nobody see the name missing.
        guard rename(passing, path) == 0 else {
            let reason = errno
            unlink(passing)
            throw .systemCall(path: path, call: "rename", errno: reason)
        }
    }

    deinit {
        if FileTree.target(ofLink: path) == target { unlink(path) }
    }

    /// Whether nothing has the name, or a link that may be replaced.
    static func mayBeReplaced(_ path: String) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0 else { return true }
        guard status.st_mode & S_IFMT == S_IFLNK else { return false }
        guard let node = DeviceNode(path: path) else { return true }
        return node.isCharacterDevice && node.number.isPseudoTerminal
    }
}
