import Growatt
import Settings
import Testing

struct DatasetSettingsTests {
    private static func read(_ texts: [SettingKey: String]) throws(YAMLError) -> GatewaySettings {
        try GatewaySettings(texts.mapValues { [$0] }.merging([.dataset: ["d.json"]]) { $1 }, mode: .dataset)
    }

    private static func dataset(_ texts: [SettingKey: String]) throws -> DatasetSettings {
        guard case .dataset(let settings) = try read(texts).line.source else {
            Issue.record("no dataset")
            return DatasetSettings(name: "")
        }
        return settings
    }

    @Test func `a dataset needs no inverter, and moves only if that is asked for`() throws {
        let settings = try Self.read([:])
        #expect(settings.line.source == .dataset(DatasetSettings(name: "d.json")))
        #expect(settings.line.port.endpoint == nil)
        #expect(settings.tcp == GatewaySettings().tcp)
    }

    @Test func `every setting of a dataset is read`() throws {
        var expected = DatasetSettings(name: "d.json")
        expected.profiles = ["sunny-day", "counter"]
        expected.isStrict = true
        expected.readLimit = .groupsOf45
        expected.timeScale = 60
        expected.startTime = 6.5 * 3600
        expected.seed = 7
        expected.replyTime = .milliseconds(40)
        expected.baud = 9600
        let found = try Self.dataset([
            .profile: "sunny-day", .mutate: "true", .strict: "true", .readLimit: "45", .timeScale: "60",
            .startTime: "06:30", .seed: "7", .replyTime: "40ms", .baud: "9600",
        ])
        #expect(found == expected)
    }

    @Test func `profiles stay in their order`() throws {
        let settings = try GatewaySettings([.dataset: ["d"], .profile: ["b.yaml", "a.yaml"]], mode: .dataset)
        var expected = DatasetSettings(name: "d")
        expected.profiles = ["b.yaml", "a.yaml"]
        #expect(settings.line.source == .dataset(expected))
    }

    @Test(
        "a value that is none is refused with what is allowed",
        arguments: [
            (.timeScale, "0", "0.01 to 3600"), (.timeScale, "3601", "0.01 to 3600"), (.timeScale, "-1", "0.01 to 3600"),
            (.timeScale, "1e2", "0.01 to 3600"), (.timeScale, "inf", "0.01 to 3600"), (.timeScale, "", "0.01 to 3600"),
            (.startTime, "noon", "06:30"), (.startTime, "25:00", "06:30"), (.startTime, "12:60", "06:30"),
            (.readLimit, "100", "none, 45 or 125"), (.seed, "-1", "0 to 18446744073709551615"),
            (.seed, "18446744073709551616", "0 to 18446744073709551615"), (.replyTime, "61s", "0 to 1 m"),
            (.mutate, "yes", "true or false"), (.strict, "1", "true or false"), (.baud, "1", "4000000"),
            (.poll, "holding", "holding:0-124"),
        ] as [(SettingKey, String, String)])
    func refused(_ key: SettingKey, _ text: String, _ allowed: String) {
        do throws(YAMLError) {
            Issue.record("\(key.flag) \(text) was taken: \(try Self.read([key: text]))")
        } catch {
            let line = error.description
            #expect(line.hasPrefix("\(key.flag) \(text.debugDescription): expected "), "\(line)")
            #expect(line.contains(allowed), "\(line)")
        }
    }

    @Test("mode dataset needs a dataset", arguments: [[:], [.dataset: [""]]] as [[SettingKey: [String]]])
    func missing(_ texts: [SettingKey: [String]]) {
        let error = #expect(throws: YAMLError.self) { try GatewaySettings(texts, mode: .dataset) }
        #expect(error?.description.contains("--dataset") == true)
    }

    @Test(
        "what belongs to a live inverter is refused with a dataset",
        arguments: [SettingKey.inverter, .inverterBaud, .inverterBytes, .minPeriod, .silence, .retries, .localEcho])
    func live(_ key: SettingKey) {
        let values: [SettingKey: String] = [
            .inverter: "/dev/ttyUSB0", .inverterBaud: "9600", .inverterBytes: "8N1", .localEcho: "true",
        ]
        let error = #expect(throws: YAMLError.self) { try Self.read([key: values[key] ?? "1"]) }
        #expect(error?.description == "\(key.flag): has no meaning in mode dataset")
    }

    @Test(
        "what belongs to a dataset is refused with a live inverter",
        arguments: [
            SettingKey.dataset, .profile, .mutate, .strict, .readLimit, .timeScale, .startTime, .seed, .replyTime,
        ])
    func simulated(_ key: SettingKey) {
        let error = #expect(throws: YAMLError.self) {
            try GatewaySettings([.inverter: ["/dev/i"], key: ["true"]], mode: .live)
        }
        #expect(error?.description == "\(key.flag): has no meaning in mode live")
    }

    @Test func `who names a pseudo-terminal need not have TCP, and needs nobody else`() throws {
        #expect(try Self.read([.pty: "/tmp/p"]).tcp.isEmpty)
        #expect(try Self.read([.pty: "/tmp/p"]).pty == ["/tmp/p"])
        #expect(try Self.read([.pty: "/tmp/p", .tcp: "*:1"]).tcp.count == 1)
        #expect(throws: YAMLError.self) { try Self.read([.tcp: "none"]) }
        #expect(try Self.read([.pty: "none"]).tcp.count == 1)
    }

    @Test func `faults, capture and duration are of every mode`() throws {
        for found in [
            try Self.read([.faults: "loss 5%", .capture: "c", .duration: "1h"]),
            try settings([.faults: "loss 5%", .capture: "c", .duration: "1h"]),
        ] {
            #expect(found.line.faults == "loss 5%")
            #expect(found.capture?.file == "c")
            #expect(found.duration == .seconds(3600))
        }
    }
}
