internal import Glibc

/// The file that a path leads to: the same for all names of it, also before it is made.
package struct FilePlace: Hashable, Sendable {
    private enum Target: Hashable {
        case file(FileStatus.Identity)
        /// Its path without links.
        case missing(String)
    }

    /// As many as the system follows.
    private static let mostLinks = 40

    private let target: Target

    /// nil: it is a device, such as a terminal, which may have several users.
    package init?(path: String) {
        // What /dev/stdout leads to has a status, but perhaps no path.
        if let status = FileStatus(path: path) {
            self.init(status)
        } else {
            let resolved = Self.resolved(path, links: Self.mostLinks)
            self.init(FileStatus(path: resolved), or: resolved)
        }
    }

    /// nil: it is a device, or closed.
    package init?(descriptor: Int32) {
        guard let status = FileStatus(descriptor: descriptor) else { return nil }
        self.init(status)
    }

    private init?(_ status: FileStatus?, or path: String = "") {
        guard status?.isDevice != true else { return nil }
        target = status.map { .file($0.identity) } ?? .missing(path)
    }

    /// As far as its folders exist, without links.
    private static func resolved(_ path: String, links: Int) -> String {
        if let real = realpath(path, nil) {
            defer { free(real) }
            return String(cString: real)
        }
        let path = path.trimmed
        let slash = path.lastIndex(of: "/")
        let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        let folder = slash.map { String(path[...$0]) } ?? "."
        if links > 0, let link = link(path) {
            return resolved(link.hasPrefix("/") ? link : "\(folder)/\(link)", links: links - 1)
        }
        // The present folder may have been removed.
        guard slash != nil || name != "." else { return path }
        let base = resolved(folder, links: links)
        switch name {
        case "", ".": return base
        case "..": return String(base[..<(base.lastIndex(of: "/") ?? base.startIndex)])
        default: return base == "/" ? "/\(name)" : "\(base)/\(name)"
        }
    }

    /// Where a symbolic link leads; nil: it is none.
    private static func link(_ path: String) -> String? {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    }
}

extension String {
    /// Without slashes at the end.
    fileprivate var trimmed: String {
        var path = self
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }
}
