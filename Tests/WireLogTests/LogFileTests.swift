import Glibc
import Testing
import TestSupport

@testable import WireLog

@Suite("The file of the wire log")
struct LogFileTests {
    private func append(_ text: String, to file: inout LogFile) throws {
        var bytes = Array(text.utf8)[...]
        try file.prepare()
        try file.append(&bytes)
        #expect(bytes.isEmpty)
    }

    @Test("File and directories are made, and appended to")
    func creation() throws {
        let directory = try TemporaryDirectory()
        let path = directory["a/b/wire.jsonl"]
        let records = [1, 2].map { #"{"ts":\#($0),"role":"SYS"}"# + "\n" }
        for text in records {
            var file = LogFile(path: path, maximumSize: 0)
            try append(text, to: &file)
        }
        #expect(try contents(path) == records.joined())
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 & ~0o640 == 0)
    }

    @Test(
        "A file that holds something else is not appended to",
        arguments: [
            "mode: dataset\n", "-----BEGIN", "{\n", "\u{1F}\u{8B}", #"{"a":1}"#, #"{"a":1"#, #"{"ts":5}"#, "\n",
            #"{"holding":{"30":1},"input":{"3000":5}}"# + "\n", #"{"role":"admin"}"#, "{\"ts\":\n1}\n",
            #"{"op":"add","path":"/a"}"#, #"{"ts":"# + String(repeating: "1", count: 5000),
        ])
    func otherContents(text: String) throws {
        let directory = try TemporaryDirectory()
        let path = directory["other"]
        try makeFile(path, text)
        var file = LogFile(path: path, maximumSize: 0)
        #expect(throws: LogFailure.self) { try file.prepare() }
        #expect(try contents(path) == text)
    }

    @Test(
        "A wire log and a capture are not added to each other; a torn record may be of either",
        arguments: [
            (#"{"ts":"2026-01-01T00:00:00.000","role":"REQ"}"#, [true, false]),
            (#"{"role": "SYS", "t": 1}"#, [true, false]),
            (#"{"event": "shine_online", "role": "SYS"}"#, [true, false]),
            (#"{"ts":1.5,"op":"raw","unit":1}"#, [false, true]),
            (#"{"ts":17"#, [true, true]), ("{", [true, true]), (#"{"t"#, [true, true]),
            ("{\"ts\":17\n{\"ts\":18,\"role\":\"REQ\"}\n", [true, false]),
            ("{\"ts\":17\n{\"ts\":18,\"op\":\"raw\"}\n", [false, true]), ("{\"ts\":17\n{\"a\":1}\n", [false, false]),
        ])
    func otherFormat(text: String, mayAdd: [Bool]) throws {
        let directory = try TemporaryDirectory()
        let path = directory["lines"]
        for (format, expected) in zip([LogFormat.wireLog, .capture], mayAdd) {
            try makeFile(path, text)
            let isRefused = (try? WireLogDestination.file(path: path, maximumSize: 0).checkContents(for: format)) == nil
            #expect(isRefused != expected)
            var file = LogFile(path: path, format: format, maximumSize: 0)
            #expect(((try? file.prepare()) != nil) == expected)
        }
    }

    @Test("A full file makes place between two lines; one older file is kept")
    func rotation() throws {
        let directory = try TemporaryDirectory()
        let path = directory["wire.jsonl"]
        var file = LogFile(path: path, maximumSize: 10)
        try append("aaaa\nbbbb\ncc", to: &file, ending: "cc\n")
        #expect(try contents(path + ".1") == "aaaa\nbbbb\n")
        #expect(try contents(path) == "cccc\n")
        try append("dddd\neeee\nffff\ngggg\n", to: &file)
        #expect(try contents(path + ".1") == "eeee\nffff\n")
        #expect(try contents(path) == "gggg\n")
        #expect(!fileExists(path + ".2"))
        #expect(!fileExists(path + ".1.1"))
    }

    private func append(_ text: String, to file: inout LogFile, ending: String) throws {
        try append(text + ending, to: &file)
    }

    @Test("Two files hold every line when nothing has been rotated out", arguments: [64, 100, 257])
    func rotationLosesNothing(size: Int) throws {
        let directory = try TemporaryDirectory()
        let path = directory["wire.jsonl"]
        var file = LogFile(path: path, maximumSize: size)
        let lines = (0..<20).map { "line \($0)\n" }
        var (kept, written) = ("", "")
        for line in lines {
            try append(line, to: &file)
            written += line
            let old = (try? contents(path + ".1")) ?? ""
            kept = old + (try contents(path))
            #expect(written.hasSuffix(kept))
            #expect(old.utf8.count <= size)
        }
        if size == 257 { #expect(kept == written) }
    }

    @Test("A line longer than the limit has a file to itself")
    func longLine() throws {
        let directory = try TemporaryDirectory()
        let path = directory["wire.jsonl"]
        var file = LogFile(path: path, maximumSize: 4)
        try append("long line\n1\n2\n", to: &file)
        #expect(try contents(path + ".1") == "long line\n")
        #expect(try contents(path) == "1\n2\n")
    }

    @Test("A line torn by a kill is ended before the next one")
    func tornLine() throws {
        let directory = try TemporaryDirectory()
        let path = directory["wire.jsonl"]
        try makeFile(path, "{\"role\":\"SYS\"}\n{\"ts\":\"20")
        var file = LogFile(path: path, maximumSize: 0)
        try append("next\n", to: &file)
        try append("last\n", to: &file)
        #expect(try contents(path) == "{\"role\":\"SYS\"}\n{\"ts\":\"20\nnext\nlast\n")
    }

    @Test("When the directory is removed it is made again")
    func directoryRemoved() throws {
        let directory = try TemporaryDirectory()
        let path = directory["log/wire.jsonl"]
        var file = LogFile(path: path, maximumSize: 0)
        try append("1\n", to: &file)
        TemporaryDirectory.remove(directory["log"])
        try append("2\n", to: &file)
        #expect(try contents(path) == "2\n")
    }

    @Test("When the file is renamed, or emptied, no line is lost")
    func logrotate() throws {
        let directory = try TemporaryDirectory()
        let path = directory["wire.jsonl"]
        var file = LogFile(path: path, maximumSize: 10)
        try append("1111\n", to: &file)
        #expect(rename(path, path + "-old") == 0)
        try append("2222\n3333\n", to: &file)
        #expect(try contents(path + "-old") == "1111\n")
        #expect(truncate(path, 0) == 0)
        try append("4444\n5555\n", to: &file)
        #expect(try contents(path) == "4444\n5555\n")
        #expect(!fileExists(path + ".1"))
    }

    @Test("A full device fails, and all lines remain with the caller")
    func fullDevice() throws {
        var file = LogFile(path: "/dev/full", maximumSize: 10)
        try file.prepare()
        var bytes = Array("1\n2\n".utf8)[...]
        #expect(throws: LogFailure(operation: "write", code: ENOSPC)) { try file.append(&bytes) }
        #expect(Array(bytes) == Array("1\n2\n".utf8))
    }

    @Test(
        "A place that cannot be written is a failure, not a crash", arguments: ["/dev/null/x/y", "/proc/nowhere", ""])
    func impossiblePath(path: String) {
        var file = LogFile(path: path, maximumSize: 0)
        #expect(throws: LogFailure.self) { try file.prepare() }
    }
}
