internal import Glibc

/// The symbolic links that a path leads through, each as it was made.
///
/// The number of a pseudo-terminal is given to the next program that makes one. A link to one that has ended leads to
/// that program's terminal, until its owner makes the link anew; only the links tell the two apart.
package struct LinkChain: Equatable, Sendable {
    private struct Link: Equatable {
        let fileSystem: UInt64
        let inode: UInt64
        let seconds: Int
        let nanoseconds: Int
    }

    /// As many as Linux follows (path_resolution(7)).
    private static let most = 40

    private var links: [Link] = []

    /// - Returns: nil where the path is no link.
    package init?(of path: String) {
        var path = path
        while links.count < Self.most, let target = FileTree.target(ofLink: path) {
            var status = stat()
            guard lstat(path, &status) == 0 else { break }
            links.append(
                Link(
                    fileSystem: UInt64(status.st_dev), inode: UInt64(status.st_ino), seconds: status.st_ctim.tv_sec,
                    nanoseconds: status.st_ctim.tv_nsec))
            path = target.hasPrefix("/") ? target : FileTree.folder(of: path) + target
        }
        if links.isEmpty { return nil }
    }
}
