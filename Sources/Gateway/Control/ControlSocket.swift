internal import Glibc
internal import SerialLine
package import Settings
internal import Text
internal import Transport

/// The file by which a running broker is asked and told.
package enum ControlSocket {
    /// - Returns: nil: there is to be none. Otherwise the file that was named, or the one in the run-time directory.
    package static func path(_ place: ControlPlace) -> String? {
        switch place {
        case .none: nil
        case .path(let path): path
        case .automatic: session ?? system
        }
    }

    /// Where a running broker may be, the likelier one first: a service has no session, and who asks it may have one.
    ///
    /// - Returns: empty: nowhere.
    package static func candidates(_ place: ControlPlace) -> [String] {
        guard case .automatic = place else { return path(place).map { [$0] } ?? [] }
        return [session, system].compactMap(\.self)
    }

    /// The socket of a demo, which may run beside a broker and as any user.
    ///
    /// - Returns: the path itself. If the path is automatic, and a broker has it or its folder is not writable: a file in /tmp
    ///   with the number of this process in its name.
    static func free(_ place: ControlPlace) -> ControlPlace {
        guard place == .automatic, let path = path(place), let slash = path.lastIndex(of: "/") else { return place }
        let directory = String(path[..<slash])
        mkdir(directory, 0o755)
        let isTaken = candidates(place).contains { (try? isAnswered($0)) != false }
        return isTaken || access(directory, W_OK) != 0 ? .path("/tmp/growatt-broker-demo-\(getpid())") : place
    }

    /// In the run-time directory of the user's session; nil: there is none.
    private static var session: String? {
        guard let directory = getenv("XDG_RUNTIME_DIR").map({ String(cString: $0) }), directory.hasPrefix("/") else {
            return nil
        }
        return file(in: directory)
    }

    /// In that of the system.
    private static var system: String { file(in: "/run") }

    private static func file(in directory: String) -> String { directory + "/growatt-broker/control" }

    /// Looks whether a socket can be at the path. Only reads. A folder that is missing may be there a moment later.
    ///
    /// - Throws: `FileError` if something else has the name, or a file is in place of its folder.
    static func refuseFile(at path: String) throws(FileError) {
        var status = stat()
        if lstat(path, &status) != 0, errno == ENOTDIR {
            throw FileError(path: path, reason: "cannot be made: \(words(ENOTDIR))")
        }
        if let kind = otherFile(at: path) {
            throw FileError(path: path, reason: "\(kind) is there, and no socket; choose another path")
        }
    }

    /// Makes a socket at the path that only its owner may use, and listens. What a dead broker left there is replaced.
    ///
    /// - Throws: ``GatewayError/cannotListen(_:reason:)``, also if a broker answers there, or something else has the name.
    static func listen(at path: String) throws(GatewayError) -> Int32 {
        if let slash = path.lastIndex(of: "/"), slash > path.startIndex { mkdir(String(path[..<slash]), 0o755) }
        if let kind = otherFile(at: path) {
            throw .cannotListen(path, reason: "\(kind) is there, and no socket; choose another path for --control")
        }
        guard try !isAnswered(path) else {
            let holder = holder(of: path).map { ": \($0)" } ?? ""
            throw .cannotListen(path, reason: "another broker is there\(holder)")
        }
        let descriptor = try make(path)
        // Linux gives the file the mode of the socket: nobody else can come in before it is changed.
        fchmod(descriptor, 0o600)
        unlinkSocket(path)
        guard address(path, { bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, 16) == 0 else {
            let reason = words(errno)
            close(descriptor)
            throw .cannotListen(path, reason: reason)
        }
        return descriptor
    }

    /// - Parameter limit: seconds that connecting, and later each sending, may take.
    /// - Throws: ``GatewayError/cannotConnect(_:reason:)``; ``GatewayError/notAnswered(_:seconds:)`` if a broker is there.
    static func connect(to path: String, within limit: Int) throws(GatewayError) -> Int32 {
        let descriptor = try make(path)
        // Of a Unix socket this bounds how long one waits for a place in the queue of who listens.
        SocketTimeLimit.ofSending(descriptor, seconds: limit)
        let failure = connect(descriptor, to: path)
        guard failure != 0 else { return descriptor }
        close(descriptor)
        guard failure != EAGAIN else { throw .notAnswered(path, seconds: limit) }
        if failure == ECONNREFUSED, let kind = otherFile(at: path) {
            throw .cannotConnect(path, reason: "\(kind) is there, and no socket")
        }
        let hint = failure == EACCES ? "; the broker may run as another user: try sudo" : ""
        throw .cannotConnect(path, reason: DialFailure.text(ofCode: failure) + hint)
    }

    /// - Returns: why it is not connected; 0: it is.
    private static func connect(_ descriptor: Int32, to path: String) -> Int32 {
        address(path) { Glibc.connect(descriptor, $0, $1) } == 0 ? 0 : errno
    }

    /// Removes the file of a socket; anything else stays.
    static func unlinkSocket(_ path: String) {
        var status = stat()
        if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK { unlink(path) }
    }

    /// What stands at the path and is no socket; nil: nothing.
    private static func otherFile(at path: String) -> String? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFSOCK: return nil
        case S_IFREG: return "a file"
        case S_IFDIR: return "a directory"
        case S_IFLNK: return "a symbolic link"
        default: return "a device or a pipe"
        }
    }

    /// Whether a broker is there, or may be: what refuses connections was left behind by a dead one.
    ///
    /// - Throws: ``GatewayError/cannotListen(_:reason:)`` if the path leads nowhere.
    private static func isAnswered(_ path: String) throws(GatewayError) -> Bool {
        // On the loop: where the queue of a broker that hangs is full, a blocking socket would wait with it.
        let descriptor = try make(path, isBlocking: false)
        defer { close(descriptor) }
        let failure = connect(descriptor, to: path)
        switch failure {
        case 0, EAGAIN: return true
        case ECONNREFUSED, ENOENT: return false
        case EACCES: throw .cannotListen(path, reason: "a broker of another user may be there (\(words(failure)))")
        default: throw .cannotListen(path, reason: words(failure))
        }
    }

    /// Who listens there; nil: nobody, or it cannot be seen.
    private static func holder(of path: String) -> PortHolder? {
        guard let descriptor = try? make(path, isBlocking: false) else { return nil }
        defer { close(descriptor) }
        // As `struct ucred` of unix(7), which Glibc does not show.
        var peer: (process: Int32, user: UInt32, group: UInt32) = (0, 0, 0)
        var length = socklen_t(MemoryLayout.size(ofValue: peer))
        // In another name space of processes it is 0.
        guard connect(descriptor, to: path) == 0,
            getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0, peer.process > 0
        else { return nil }
        return PortHolder(process: Int(peer.process))
    }

    private static func words(_ code: Int32) -> String { String(cString: strerror(code)) }

    private static func make(_ path: String, isBlocking: Bool = true) throws(GatewayError) -> Int32 {
        guard path.utf8.count <= ControlPlace.longestPath else {
            throw .cannotListen(path, reason: "longer than \(ControlPlace.longestPath) bytes")
        }
        let kind = isBlocking ? SOCK_STREAM.rawValue : SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue
        let type = Int32(kind | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { throw .cannotListen(path, reason: words(errno)) }
        return descriptor
    }

    private static func address(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(ControlPlace.longestPath)) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
    }
}
