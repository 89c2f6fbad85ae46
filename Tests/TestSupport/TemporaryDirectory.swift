internal import Glibc

/// A directory of its own for one test, removed with its contents afterwards.
package final class TemporaryDirectory {
    package let path: String

    /// - Throws: if the system refuses it.
    package init() throws {
        var template = Array("/tmp/recording-tests-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw CallError(code: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        Self.remove(path)
    }

    /// The path of a file in it.
    package subscript(_ name: String) -> String { path + "/" + name }

    /// Removes a file, or a directory with its contents.
    package static func remove(_ path: String) {
        if let directory = opendir(path) {
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { remove(path + "/" + name) }
            }
            closedir(directory)
        }
        Glibc.remove(path)
    }
}

/// A call of the system that has failed.
package struct CallError: Error {
    package let code: Int32

    package init(code: Int32) {
        self.code = code
    }
}

/// The whole contents; throws if there is no such file.
package func contents(_ path: String) throws -> String {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { throw CallError(code: errno) }
    defer { close(descriptor) }
    var (bytes, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 65536))
    while case let count = read(descriptor, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
    return String(decoding: bytes, as: UTF8.self)
}

/// Writes a file; one that exists is replaced.
package func makeFile(_ path: String, _ text: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    guard descriptor >= 0 else { throw CallError(code: errno) }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    guard write(descriptor, bytes, bytes.count) == bytes.count else { throw CallError(code: errno) }
}

/// Whether there is a file of this path.
package func fileExists(_ path: String) -> Bool {
    access(path, F_OK) == 0
}

/// The two ends of a new pipe.
package func pipeEnds() throws -> (reader: Int32, writer: Int32) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw CallError(code: errno) }
    return (ends[0], ends[1])
}
