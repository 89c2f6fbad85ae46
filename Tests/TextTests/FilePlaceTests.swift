import Glibc
import Testing
import TestSupport
import Text

struct FilePlaceTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        mkdir(directory["folder"], 0o755)
        symlink("folder", directory["shortcut"])
        symlink("shortcut/file", directory["link"])
    }

    @Test(arguments: [true, false])
    func `all names of a file have one place, also before it is made`(exists: Bool) throws {
        let file = directory["folder/file"]
        if exists { try makeFile(file, "") }
        let place = try #require(FilePlace(path: file))
        for name in ["folder/./file", "folder//file", "folder/../folder/file", "shortcut/file", "link"] {
            #expect(FilePlace(path: directory[name]) == place, "\(name)")
        }
        #expect(FilePlace(path: directory["new/../folder/file"]) == place)
        #expect(FilePlace(path: directory["file"]) != place)
        #expect(FilePlace(path: directory["folder/other"]) != place)
    }

    @Test func `a hard link is another name of its file`() throws {
        try makeFile(directory["a"], "")
        #expect(link(directory["a"], directory["b"]) == 0)
        #expect(FilePlace(path: directory["a"]) == FilePlace(path: directory["b"]))
    }

    @Test func `links in a circle and odd paths have a place of their own`() {
        symlink("circle", directory["circle"])
        for path in [directory["circle"], "", ".", "/", "/no-such-folder/..", "no-such-folder/a/"] {
            #expect(FilePlace(path: path) != nil, "\(path)")
        }
    }

    @Test func `a device may have several users`() {
        #expect(FilePlace(path: "/dev/null") == nil)
    }
}
