import Testing

@testable import Endpoints

struct HostPortTests {
    @Test(
        "an address is host and port",
        arguments: [
            ("127.0.0.1:5020", "127.0.0.1", 5020), ("0.0.0.0:0", "0.0.0.0", 0), ("localhost:65535", "localhost", 65535),
            ("my-host.example_1.org:502", "my-host.example_1.org", 502), ("*:5020", "0.0.0.0", 5020),
            (":5020", "0.0.0.0", 5020), ("[::1]:5020", "::1", 5020), ("[::]:1", "::", 1),
            ("[fe80::1%eth0.5]:502", "fe80::1%eth0.5", 502), ("[::ffff:10.0.0.1]:502", "::ffff:10.0.0.1", 502),
            ("a:00502", "a", 502), ("1.2.3:1", "1.2.3", 1), ("1.2.3.4.5:1", "1.2.3.4.5", 1),
            ("1.2.3.x:1", "1.2.3.x", 1),
        ] as [(String, String, Int)])
    func good(_ text: String, _ host: String, _ port: Int) throws {
        let address = try #require(HostPort(text))
        #expect(address.host == host)
        #expect(address.port == port)
    }

    @Test(
        "what is no address is refused",
        arguments: [
            "", ":", "*", "127.0.0.1", "5020", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1",
            "127.0.0.1:http", "127.0.0.1:5 020", "::1:5020", "[::1]", "[::1]5020", "[]:1", "[abc]:1", "[::1:5020",
            "::1]:5020", "[:%]:x", "[%eth0::]:1", "[::1 ]:1", "[*]:1", "a b:1", " a:1", "a:1 ", "häuser:1", "a/b:1",
            "http://a:1", "**:1", "a:99999999999999999999", "300.1.1.1:5020", "1.2.3.256:1", "192.168.001.1:1", "a:٣",
            "[::1%eth 0]:1", "[[::1]]:1",
        ])
    func bad(_ text: String) {
        #expect(HostPort(text) == nil)
    }

    @Test(
        "who connects gets to a listener at the same address, or from this machine to one at all addresses",
        arguments: [
            ("127.0.0.1:1", "127.0.0.1:1", true), ("127.0.0.1:1", "0.0.0.0:1", true), ("localhost:1", "*:1", true),
            ("[::1]:1", "[::]:1", true), ("127.0.0.1:1", "[::]:1", true), ("localhost:1", "127.0.0.1:1", true),
            ("127.0.0.1:1", "localhost:1", true), ("gateway:1", "gateway:1", true), ("127.0.0.1:1", "0.0.0.0:2", false),
            ("127.0.0.1:1", "127.0.0.2:1", false), ("192.168.1.5:1", "0.0.0.0:1", false),
            ("gateway:1", "0.0.0.0:1", false), ("localhost:1", "192.168.1.5:1", false),
        ])
    func leads(_ server: String, _ listener: String, _ expected: Bool) throws {
        #expect(try #require(HostPort(server)).leads(to: #require(HostPort(listener))) == expected)
    }

    @Test("an address is written as it is read", arguments: ["127.0.0.1:5020", "[::1]:0", "host:65535"])
    func roundTrip(_ text: String) {
        #expect(HostPort(text)?.description == text)
    }
}
