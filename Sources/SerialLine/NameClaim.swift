internal import Glibc

/// The sole right to a path, among all processes of this system that claim it here; ends with the value, or the process.
///
/// It is a socket without a file: nothing is left behind that a later process would have to judge.
struct NameClaim: ~Copyable, Sendable {
    private let socket: OwnedDescriptor

    /// - Parameter path: of a directory that exists, and a name that need not.
    /// - Throws: `nameTaken`, `unusableFolder`, `systemCall`.
    init(_ path: String) throws(SerialLineError) {
        let name = try Self.name(of: path)
        let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let number = Glibc.socket(AF_UNIX, type, 0)
        guard number >= 0 else { throw .systemCall(path: path, call: "socket", errno: errno) }
        guard Self.bind(number, to: name) == 0 else {
            let reason = errno
            close(number)
            throw reason == EADDRINUSE ? .nameTaken(path: path) : .systemCall(path: path, call: "bind", errno: reason)
        }
        socket = OwnedDescriptor(number)
    }

    /// The same for every way to write the path, and short enough for an address.
    private static func name(of path: String) throws(SerialLineError) -> [UInt8] {
        let directory = path.lastIndex(of: "/").map { path[...$0] } ?? "./"
        var status = stat()
        guard stat(String(directory), &status) == 0 else {
            throw .unusableFolder(path: path, errno: errno)
        }
        let file = Array(FileTree.lastComponent(of: path).utf8)
        // A second slash, which no file's name has.
        let short = file.count <= 40 ? file : Array("/\(String(hash(file), radix: 16))".utf8)
        return Array("growatt-broker/\(status.st_dev):\(status.st_ino)/".utf8) + short
    }

    /// FNV-1a, which every process computes alike.
    private static func hash(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    private static func bind(_ socket: Int32, to name: [UInt8]) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // The zero before it says that it is no file.
        withUnsafeMutableBytes(of: &address.sun_path) { $0.dropFirst().copyBytes(from: name) }
        let length = MemoryLayout<sa_family_t>.size + 1 + name.count
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.bind(socket, $0, socklen_t(length)) }
        }
    }
}
