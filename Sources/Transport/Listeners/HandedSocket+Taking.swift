internal import Glibc

extension HandedSocket {
    /// The first descriptor that is handed over.
    private static let first: Int32 = 3
    private static let most: Int32 = 1024

    /// Those that are meant for this process. The variables that say so are gone then, so that no other takes them.
    ///
    /// - Parameter warn: hears what is wrong with the variables; what cannot be meant is not taken.
    package static func taken(warn: (String) -> Void) -> [HandedSocket] {
        let names = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]
        var environment: [String: String] = [:]
        for name in names { environment[name] = getenv(name).map { String(cString: $0) } }
        for name in names { unsetenv(name) }
        return handed(by: environment, to: getpid(), warn: warn)
    }

    /// - Parameter environment: the variables of sd_listen_fds(3) that are there.
    static func handed(
        by environment: [String: String], to process: Int32, warn: (String) -> Void
    ) -> [HandedSocket] {
        guard let owner = environment["LISTEN_PID"], let text = environment["LISTEN_FDS"] else { return [] }
        guard let number = Int32(owner), number > 0 else {
            warn(
                "LISTEN_PID \(owner.debugDescription): expected the number of a process, \(process) for this one; no socket is "
                    + "taken")
            return []
        }
        // They may be meant for another process that this one was started by.
        guard number == process else { return [] }
        guard let count = Int32(text), (1...most).contains(count) else {
            warn(
                "LISTEN_FDS \(text.debugDescription): expected how many sockets are handed over, 1 to \(most); no socket is "
                    + "taken")
            return []
        }
        // Whatever else is there is this process's own.
        let descriptors = (first..<first + count).filter(isSocket)
        if descriptors.count < count {
            warn(
                "LISTEN_FDS \(text.debugDescription): of the descriptors from \(first) on only \(descriptors.count) are sockets; "
                    + "expected how many sockets are handed over; the others are left alone")
        }
        let names = (environment["LISTEN_FDNAMES"] ?? "").split(separator: ":", omittingEmptySubsequences: false)
        return descriptors.map { descriptor in
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            let index = Int(descriptor - first)
            return HandedSocket(
                descriptor: descriptor, name: names.indices.contains(index) ? String(names[index]) : "")
        }
    }

    private static func isSocket(_ descriptor: Int32) -> Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
    }
}
