internal import Glibc
package import Settings

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
        let descriptor = try make(path)
        // Linux gives the file the mode of the socket: nobody else can come in before it is changed.
        fchmod(descriptor, 0o600)
        guard try !isAnswered(path) else {
            close(descriptor)
            throw .cannotListen(path, reason: "another broker is there")
        }
        unlinkSocket(path)
        guard address(path, { bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, 16) == 0 else {
            let reason = String(cString: strerror(errno))
            close(descriptor)
            throw .cannotListen(path, reason: reason)
        }
        return descriptor
    }

    /// - Throws: ``GatewayError/cannotConnect(_:reason:)``.
    static func connect(to path: String) throws(GatewayError) -> Int32 {
        let (descriptor, failure) = try attempt(path)
        guard failure == 0 else {
            let hint = failure == EACCES ? "; the broker may run as another user: try sudo" : ""
            throw .cannotConnect(path, reason: String(cString: strerror(failure)) + hint)
        }
        return descriptor
    }

    /// - Returns: the connected descriptor, or why there is none.
    private static func attempt(_ path: String) throws(GatewayError) -> (descriptor: Int32, failure: Int32) {
        let descriptor = try make(path)
        guard address(path, { Glibc.connect(descriptor, $0, $1) }) != 0 else { return (descriptor, 0) }
        let failure = errno
        close(descriptor)
        return (-1, failure)
    }

    /// Removes the file of a socket; anything else stays.
    static func unlinkSocket(_ path: String) {
        var status = stat()
        if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK { unlink(path) }
    }

    /// Whether a broker is there, or may be: what refuses connections was left behind by a dead one.
    private static func isAnswered(_ path: String) throws(GatewayError) -> Bool {
        let (descriptor, failure) = try attempt(path)
        if failure == 0 { close(descriptor) }
        return failure != ECONNREFUSED && failure != ENOENT
    }

    private static func make(_ path: String) throws(GatewayError) -> Int32 {
        guard path.utf8.count < 108 else { throw .cannotListen(path, reason: "longer than 107 bytes") }
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
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
