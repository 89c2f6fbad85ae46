import Glibc
import NIOCore
import Testing

@testable import Transport

@Suite struct AddressRulesTests {
    private static func address(_ text: String) throws -> SocketAddress {
        try SocketAddress(ipAddress: text, port: 40112)
    }

    /// As in a configuration.
    private static func block(_ text: String) throws -> AddressBlock {
        let parts = text.split(separator: "/")
        let address = String(try #require(parts.first))
        let length = try #require(parts.last.flatMap { Int($0) })
        var bytes = [UInt8](repeating: 0, count: address.contains(":") ? 16 : 4)
        try #require(inet_pton(bytes.count == 4 ? AF_INET : AF_INET6, address, &bytes) == 1)
        return AddressBlock(bytes: bytes, length: length)
    }

    @Test(arguments: [
        ("0.0.0.0/0", "255.255.255.255", true), ("0.0.0.0/0", "::1", false),
        ("192.168.1.10/32", "192.168.1.10", true), ("192.168.1.10/32", "192.168.1.11", false),
        ("192.168.1.0/24", "192.168.1.255", true), ("192.168.1.0/24", "192.168.2.0", false),
        ("10.0.0.0/9", "10.127.255.255", true), ("10.0.0.0/9", "10.128.0.0", false),
        ("10.1.2.4/31", "10.1.2.5", true), ("10.1.2.4/31", "10.1.2.6", false),
        ("::/0", "fe80::1", true), ("::/0", "192.168.1.1", false), ("::/0", "::ffff:192.168.1.1", false),
        ("::/80", "192.168.1.1", false), ("::/80", "::1", true), ("::fffe:0:0/95", "192.168.1.1", false),
        ("::ffff:0:0/96", "192.168.1.1", true), ("::ffff:0:0/96", "::ffff:192.168.1.1", true),
        ("fd00::/8", "fdff::1", true), ("fd00::/8", "fc00::1", false),
        ("2001:db8::1/128", "2001:db8::1", true), ("2001:db8::1/128", "2001:db8::2", false),
        ("2001:db8::/127", "2001:db8::1", true), ("2001:db8::/127", "2001:db8::2", false),
        // An IPv4 client at a listener for both kinds of addresses.
        ("192.168.1.0/24", "::ffff:192.168.1.7", true), ("192.168.1.0/24", "::ffff:192.168.2.7", false),
        ("::ffff:10.0.0.0/104", "10.1.2.3", true), ("0.0.0.0/0", "::ffff:1.2.3.4", true),
    ])
    func `a block has the addresses that begin like it`(block: String, address: String, isIn: Bool) throws {
        #expect(try Self.block(block).contains(Self.address(address)) == isIn)
    }

    @Test func `without rules everybody may come in, also from an address that is not known`() throws {
        #expect(AddressRules().permits(nil))
        #expect(AddressRules().permits(try Self.address("203.0.113.1")))
        #expect(AddressRules().permits(try SocketAddress(unixDomainSocketPath: "/run/test")))
    }

    @Test func `where any address is allowed, no other may come in`() throws {
        let rules = AddressRules(allow: [try Self.block("10.0.0.0/8"), try Self.block("fd00::/8")])
        #expect(rules.permits(try Self.address("10.9.9.9")))
        #expect(rules.permits(try Self.address("fd00::9")))
        #expect(!rules.permits(try Self.address("11.0.0.0")))
        #expect(!rules.permits(nil))
        #expect(!rules.permits(try SocketAddress(unixDomainSocketPath: "/run/test")))
    }

    @Test func `what is denied may not come in, whatever allows it`() throws {
        let rules = AddressRules(
            allow: [try Self.block("10.0.0.7/32"), try Self.block("10.0.0.0/8")], deny: [try Self.block("10.0.0.7/32")])
        #expect(!rules.permits(try Self.address("10.0.0.7")))
        #expect(rules.permits(try Self.address("10.0.0.8")))
        let denying = AddressRules(deny: [try Self.block("10.0.0.0/8")])
        #expect(denying.permits(try Self.address("11.0.0.0")))
        #expect(!denying.permits(try Self.address("10.0.0.0")))
        #expect(!denying.permits(nil))
    }
}
