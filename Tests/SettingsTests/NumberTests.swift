import Settings
import Testing

struct NumberTests {
    @Test("reads without reply are repeated up to ten times", arguments: [0, 1, 10])
    func retries(_ number: Int) throws {
        #expect(try settings([.retries: "\(number)"]).line.retries == number)
    }

    @Test(
        "other numbers of retries are refused", arguments: ["-1", "11", "1.0", "", "one", "+1", "99999999999999999999"])
    func badRetries(_ text: String) {
        expectRefusal(.retries, text, naming: "0 to 10")
    }

    @Test("there is room for one client or many", arguments: [1, 1024, 65535])
    func clients(_ number: Int) throws {
        #expect(try settings([.maxClients: "\(number)"]).clients.limit == number)
    }

    @Test("other numbers of clients are refused", arguments: ["0", "65536", "-1", "many", "1k"])
    func badClients(_ text: String) {
        expectRefusal(.maxClients, text, naming: "1 to 65535")
    }

    @Test(
        "the size of a log is in bytes or thousands, millions, billions of them",
        arguments: [
            ("0", 0), ("1000", 1000), ("1K", 1000), ("100M", 100_000_000), ("2g", 2_000_000_000),
            ("1000G", 1_000_000_000_000), ("123456", 123_456),
        ])
    func size(_ text: String, _ bytes: Int) throws {
        #expect(try settings([.logMaxSize: text]).log.maxSize == bytes)
    }

    @Test(
        "another size is refused",
        arguments: ["", "K", "999", "1001G", "-1", "1.5M", "100MB", "1T", "M1", "9223372036854775807K", "1 M"])
    func badSize(_ text: String) {
        expectRefusal(.logMaxSize, text, naming: "0 (no limit) or 1K to 1000G")
    }

    @Test("a flag without a value is true", arguments: [("true", true), ("false", false)])
    func truth(_ text: String, _ value: Bool) throws {
        #expect(try settings([.localEcho: text]).line.localEcho == value)
        #expect(try settings([.allowBroadcast: text]).clients.allowBroadcast == value)
    }

    @Test("another truth is refused", arguments: [SettingKey.localEcho, .allowBroadcast], ["yes", "1", "", "True"])
    func badTruth(_ key: SettingKey, _ text: String) {
        expectRefusal(key, text, naming: "true or false")
    }

    @Test(
        "the log goes to a file, to stdout or nowhere",
        arguments: [
            ("-", .standardOutput), ("none", .none), ("NONE", .none),
            ("/var/log/wire.jsonl", .file("/var/log/wire.jsonl")),
            ("wire.jsonl", .file("wire.jsonl")),
        ] as [(String, LogDestination)])
    func log(_ text: String, _ destination: LogDestination) throws {
        #expect(try settings([.log: text]).log.file == destination)
    }

    @Test("a log without a file's name is refused", arguments: ["", "/var/log/"])
    func badLog(_ text: String) {
        expectRefusal(.log, text, naming: "a path, - (stdout) or none")
    }
}
