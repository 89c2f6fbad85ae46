import Glibc
import SerialLine
import Testing

/// A directory that a test fills; removed with all it holds.
final class TemporaryDirectory {
    let path: String
    private var made: [String] = []

    init() throws {
        var template = Array("/tmp/serial-line-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for name in made.reversed() { remove(name) }
        remove(path)
    }

    /// A system whose devices, drivers and processes are the directories `dev`, `sys` and `proc` in here.
    var tree: SystemTree {
        SystemTree(devices: "\(path)/dev", drivers: "\(path)/sys", processes: "\(path)/proc")
    }

    func directory(_ name: String) {
        var parent = path
        for component in name.split(separator: "/") {
            parent += "/\(component)"
            if mkdir(parent, 0o755) == 0 { made.append(parent) }
        }
    }

    func file(_ name: String, _ text: String = "") throws {
        directory(name.split(separator: "/").dropLast().joined(separator: "/"))
        let file = try #require(fopen("\(path)/\(name)", "w"))
        fputs(text, file)
        fclose(file)
        made.append("\(path)/\(name)")
    }

    func link(_ name: String, to target: String) throws {
        directory(name.split(separator: "/").dropLast().joined(separator: "/"))
        try #require(symlink(target, "\(path)/\(name)") == 0)
        made.append("\(path)/\(name)")
    }

    /// Where the link points to, or nil where there is no link of this name.
    func target(of name: String) -> String? {
        var target = [CChar](repeating: 0, count: 256)
        let length = readlink("\(path)/\(name)", &target, target.count)
        return length < 0 ? nil : String(decoding: target[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
