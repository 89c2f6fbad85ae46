import Endpoints
import Settings
import Testing

struct NetworkBlockTests {
    @Test(
        "a block is an address, perhaps with the length of its network",
        arguments: [
            ("192.168.1.0/24", [192, 168, 1, 0], 24), ("10.0.0.7", [10, 0, 0, 7], 32),
            ("10.0.0.7/32", [10, 0, 0, 7], 32),
            ("0.0.0.0/0", [0, 0, 0, 0], 0), ("172.16.0.0/12", [172, 16, 0, 0], 12),
            ("10.128.0.0/9", [10, 128, 0, 0], 9),
            ("::1", [UInt8](repeating: 0, count: 15) + [1], 128), ("::/0", [UInt8](repeating: 0, count: 16), 0),
            ("fd00::/8", [0xFD] + [UInt8](repeating: 0, count: 15), 8),
        ] as [(String, [UInt8], Int)])
    func good(_ text: String, _ bytes: [UInt8], _ length: Int) throws {
        let block = try #require(NetworkBlock(text))
        #expect(block.bytes == bytes)
        #expect(block.length == length)
        #expect(NetworkBlock(block.description) == block)
    }

    @Test(
        "what is no block is refused",
        arguments: [
            "", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/24", "10.0.0.0.0", "::/129", "fe80::1%eth0",
            "home", "10.0.0.0/24/8", "*", " 10.0.0.1", "10.0.0.1:502", "[::1]", "none", "10.0.0.0/8x", "::1\0",
        ])
    func bad(_ text: String) {
        #expect(NetworkBlock(text) == nil)
    }

    @Test(
        "an address within a block is asked back with the block",
        arguments: [
            ("192.168.1.5/24", "192.168.1.0/24"), ("10.0.0.1/31", "10.0.0.0/31"), ("1.2.3.4/0", "0.0.0.0/0"),
            ("fd00::1/8", "fd00::/8"), ("10.255.0.0/9", "10.128.0.0/9"),
        ])
    func hostBits(_ text: String, _ meant: String) {
        let error = #expect(throws: YAMLError.self) { try settings([.allow: text]) }
        let expected =
            "--allow \"\(text)\": expected an IP address, or a block of them such as 192.168.1.0/24 or fd00::/8 (up to /32 of IPv4, /128 of IPv6)"
        #expect(error?.description == "\(expected); did you mean \(meant)?")
        #expect(NetworkBlock(text) == nil)
    }
}
