import Endpoints
import Settings
import Testing

struct RecordingSettingsTests {
    private static func read(_ texts: [SettingKey: String]) throws(YAMLError) -> GatewaySettings {
        try GatewaySettings(
            texts.mapValues { [$0] }.merging([.recording: ["r.jsonl"]]) { old, _ in old }, mode: .replay)
    }

    @Test func `a recording needs no inverter, and is played at its own speed`() throws {
        let settings = try Self.read([:])
        #expect(settings.line.source == .recording(RecordingSettings(file: "r.jsonl")))
        #expect(settings.line.port.endpoint == nil)
        #expect(settings.tcp == GatewaySettings().tcp)
        let recording = RecordingSettings(file: "")
        #expect(recording.speed == 1)
        #expect(recording.order == .latest)
        #expect(recording.unseen == .exception)
    }

    @Test func `every setting of a recording is read`() throws {
        var expected = RecordingSettings(file: "r.jsonl")
        expected.speed = 10
        expected.order = .strict
        expected.unseen = .silence
        #expect(
            try Self.read([.speed: "10", .order: "strict", .unseen: "silence"]).line.source == .recording(expected))
        #expect(
            try Self.read([.order: "latest", .unseen: "exception"]).line.source
                == .recording(RecordingSettings(file: "r.jsonl")))
    }

    @Test(
        "the speed is a factor, or max",
        arguments: [("0.01", 0.01), ("1", 1), ("2.5", 2.5), ("10000", 10_000), ("max", nil)] as [(String, Double?)])
    func speed(_ text: String, _ speed: Double?) throws {
        var expected = RecordingSettings(file: "r.jsonl")
        expected.speed = speed
        #expect(try Self.read([.speed: text]).line.source == .recording(expected))
        #expect(try ReplaySettings(recording: "r", server: "a:1", speed: text).speed == speed)
    }

    @Test(
        "a value that is none is refused with what is allowed",
        arguments: [
            (.speed, "0", "max, or a factor 0.01 to 10000"), (.speed, "10001", "max, or a factor 0.01 to 10000"),
            (.speed, "-1", "0.01 to 10000"), (.speed, "1e2", "0.01 to 10000"), (.speed, "nan", "0.01 to 10000"),
            (.speed, "", "0.01 to 10000"), (.speed, "MAX", "0.01 to 10000"), (.order, "first", "latest or strict"),
            (.order, "", "latest or strict"), (.order, "Strict", "latest or strict"),
            (.unseen, "2", "exception or silence"), (.unseen, "", "exception or silence"),
            (.recording, "-", "a file, because it is read twice"), (.capture, "", "the path of a file"),
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

    @Test("mode replay needs a recording", arguments: [[:], [.recording: [""]]] as [[SettingKey: [String]]])
    func missing(_ texts: [SettingKey: [String]]) {
        let error = #expect(throws: YAMLError.self) { try GatewaySettings(texts, mode: .replay) }
        #expect(error?.description.contains("--recording") == true)
    }

    @Test(
        "what belongs to a live inverter or a dataset is refused with a recording",
        arguments: [
            SettingKey.inverter, .inverterBaud, .inverterBytes, .minPeriod, .silence, .retries, .localEcho, .dataset,
            .profile, .mutate, .strict, .readLimit, .timeScale, .startTime, .seed, .replyTime,
        ])
    func others(_ key: SettingKey) {
        let values: [SettingKey: String] = [
            .inverter: "/dev/ttyUSB0", .inverterBaud: "9600", .inverterBytes: "8N1", .localEcho: "true",
        ]
        let error = #expect(throws: YAMLError.self) { try Self.read([key: values[key] ?? "1"]) }
        #expect(error?.description == "\(key.flag): has no meaning in mode replay")
    }

    @Test(
        "what belongs to a recording is refused elsewhere",
        arguments: [SettingKey.recording, .speed, .order, .unseen])
    func elsewhere(_ key: SettingKey) {
        #expect(throws: YAMLError.self) { try GatewaySettings([.inverter: ["/dev/i"], key: ["1"]], mode: .live) }
        #expect(throws: YAMLError.self) { try GatewaySettings([.dataset: ["d"], key: ["1"]], mode: .dataset) }
    }

    @Test func `a pseudo-terminal, faults, a poll and a duration go with a recording`() throws {
        let settings = try Self.read([.pty: "/tmp/p", .faults: "loss 5%", .poll: "dataset", .duration: "1h"])
        #expect(settings.pty == ["/tmp/p"])
        #expect(settings.tcp.isEmpty)
        #expect(settings.line.faults == "loss 5%")
        #expect(settings.line.poll == .dataset)
        #expect(settings.duration == .seconds(3600))
    }
}

struct ReplaySettingsTests {
    @Test func `a recording is asked of one server, at its own speed`() throws {
        let settings = try ReplaySettings(recording: "r.jsonl", server: "[::1]:5020", speed: nil)
        #expect(settings.recording == "r.jsonl")
        #expect(settings.server == HostPort(host: "::1", port: 5020))
        #expect(settings.speed == 1)
    }

    @Test(
        "a value that is none is refused with what is allowed",
        arguments: [
            ("--as-client", "", "a wire log or a capture"), ("--tcp", "", "host:port"), ("--tcp", "none", "host:port"),
            ("--tcp", "-", "host:port"), ("--tcp", "a:0", "host:port"), ("--tcp", "a:1,b:2", "host:port"),
            ("--speed", "0", "max, or a factor 0.01 to 10000"),
        ])
    func refused(_ flag: String, _ text: String, _ allowed: String) {
        let texts = ["--as-client": "r", "--tcp": "a:1", "--speed": "1"].merging([flag: text]) { $1 }
        let error = #expect(throws: YAMLError.self) {
            try ReplaySettings(
                recording: texts["--as-client"] ?? "", server: texts["--tcp"] ?? "", speed: texts["--speed"])
        }
        #expect(error?.description.hasPrefix("\(flag) \(text.debugDescription): expected ") == true)
        #expect(error?.description.contains(allowed) == true)
    }
}
