internal import Glibc
package import Settings
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

    /// Makes a socket at the path that only its owner may use, and listens. What a dead broker left there is replaced.
    ///
    /// - Throws: ``GatewayError/cannotListen(_:reason:)``, also if a broker answers there.
    static func listen(at path: String) throws(GatewayError) -> Int32 {
        if let slash = path.lastIndex(of: "/"), slash > path.startIndex { mkdir(String(path[..<slash]), 0o755) }
        guard try !isAnswered(path) else { throw .cannotListen(path, reason: "another broker is there") }
        let descriptor = try make(path)
        // Linux gives the file the mode of the socket: nobody else can come in before it is changed.
        fchmod(descriptor, 0o600)
        unlinkSocket(path)
        guard address(path, { bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, 16) == 0 else {
            let reason = String(cString: strerror(errno))
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

    /// Whether a broker is there, or may be: what refuses connections was left behind by a dead one.
    private static func isAnswered(_ path: String) throws(GatewayError) -> Bool {
        // On the loop: where the queue of a broker that hangs is full, a blocking socket would wait with it.
        let descriptor = try make(path, isBlocking: false)
        defer { close(descriptor) }
        let failure = connect(descriptor, to: path)
        return failure != ECONNREFUSED && failure != ENOENT
    }

    private static func make(_ path: String, isBlocking: Bool = true) throws(GatewayError) -> Int32 {
        guard path.utf8.count < 108 else { throw .cannotListen(path, reason: "longer than 107 bytes") }
        let kind = isBlocking ? SOCK_STREAM.rawValue : SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue
        let type = Int32(kind | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { throw .cannotListen(path, reason: String(cString: strerror(errno))) }
        return descriptor
    }

    private static func address(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
    }
}
