import Glibc
import Testing

@testable import SerialLine

@Suite struct LinkChainTests {
    private let folder = "/tmp/growatt-broker-test-\(UInt64.random(in: 0 ... .max))"

    private func chain(_ body: (String) throws -> Void) rethrows {
        mkdir(folder, 0o700)
        defer {
            for name in ["a", "b", "c"] { unlink("\(folder)/\(name)") }
            rmdir(folder)
        }
        try body(folder)
    }

    @Test func `what is no link has no chain`() {
        #expect(LinkChain(of: "/dev/null") == nil)
        #expect(LinkChain(of: "/nowhere/at/all") == nil)
    }

    @Test func `a chain is the same until one of its links is made anew, relative ones too`() {
        chain { folder in
            symlink("/dev/null", "\(folder)/c")
            symlink("c", "\(folder)/b")
            symlink("\(folder)/b", "\(folder)/a")
            let before = LinkChain(of: "\(folder)/a")
            #expect(before != nil && LinkChain(of: "\(folder)/a") == before)
            // Both exist for a moment, so that they differ whatever the file system's clock.
            symlink("/dev/null", "\(folder)/d")
            rename("\(folder)/d", "\(folder)/c")
            #expect(LinkChain(of: "\(folder)/a") != before)
        }
    }

    @Test func `a ring of links ends`() {
        chain { folder in
            symlink("b", "\(folder)/a")
            symlink("a", "\(folder)/b")
            #expect(LinkChain(of: "\(folder)/a") != nil)
        }
    }
}
