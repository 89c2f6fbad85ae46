import Settings
import Testing

struct RecordingSettingsTests {
    private static func read(_ texts: [SettingKey: String]) throws(SettingsError) -> GatewaySettings {
        try GatewaySettings(
            texts.mapValues { [$0] }.merging([.recording: ["r.jsonl"]]) { old, _ in old }, mode: .replay)
    }

    @Test func `a recording needs no inverter, and is played at its own speed`() throws {
        let settings = try Self.read([:])
        #expect(settings.source == .recording(RecordingSettings(file: "r.jsonl")))
        #expect(settings.inverter == nil)
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
            try Self.read([.speed: "10", .order: "strict", .unseen: "silence"]).source == .recording(expected))
        #expect(
            try Self.read([.order: "latest", .unseen: "exception"]).source
                == .recording(RecordingSettings(file: "r.jsonl")))
    }

    @Test(
        "the speed is a factor, or max",
        arguments: [("0.01", 0.01), ("1", 1), ("2.5", 2.5), ("10000", 10_000), ("max", nil)] as [(String, Double?)])
    func speed(_ text: String, _ speed: Double?) throws {
        var expected = RecordingSettings(file: "r.jsonl")
        expected.speed = speed
        #expect(try Self.read([.speed: text]).source == .recording(expected))
        #expect(try ReplaySettings([.asClient: ["r"], .tcp: ["a:1"], .speed: [text]]).speed == speed)
    }

    @Test(
        "a value that is none is refused with what is allowed",
        arguments: [
            (.speed, "0", "max, or a factor 0.01 to 10000"), (.speed, "10001", "max, or a factor 0.01 to 10000"),
            (.speed, "-1", "0.01 to 10000"), (.speed, "1e2", "0.01 to 10000"), (.speed, "nan", "0.01 to 10000"),
            (.speed, "", "0.01 to 10000"), (.speed, "MAX", "0.01 to 10000"), (.order, "first", "latest or strict"),
            (.order, "", "latest or strict"), (.order, "Strict", "latest or strict"),
            (.unseen, "2", "exception or silence"), (.unseen, "", "exception or silence"),
            (.recording, "-", "a file, because it is read twice"), (.log, "r.jsonl", "another file than the recording"),
            (.capture, "r.jsonl", "another file than the recording"), (.capture, "", "the path of a file"),
        ] as [(SettingKey, String, String)])
    func refused(_ key: SettingKey, _ text: String, _ allowed: String) {
        do throws(SettingsError) {
            Issue.record("\(key.flag) \(text) was taken: \(try Self.read([key: text]))")
        } catch {
            let line = error.description
            #expect(line.hasPrefix("\(key.flag) \(text.debugDescription): expected "), "\(line)")
            #expect(line.contains(allowed), "\(line)")
        }
    }

    @Test("mode replay needs a recording", arguments: [[:], [.recording: [""]]] as [[SettingKey: [String]]])
    func missing(_ texts: [SettingKey: [String]]) {
        #expect(throws: SettingsError.recordingMissing) { try GatewaySettings(texts, mode: .replay) }
        #expect(SettingsError.recordingMissing.description.contains("--mode replay --recording wire.jsonl"))
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
        #expect(throws: SettingsError.otherMode(key, .replay)) { try Self.read([key: values[key] ?? "1"]) }
    }

    @Test(
        "what belongs to a recording is refused elsewhere",
        arguments: [SettingKey.recording, .speed, .order, .unseen])
    func elsewhere(_ key: SettingKey) {
        #expect(throws: SettingsError.otherMode(key, .live)) { try settings([key: "1"]) }
        #expect(throws: SettingsError.otherMode(key, .dataset)) {
            try GatewaySettings([.dataset: ["d"], key: ["1"]], mode: .dataset)
        }
    }

    @Test func `a pseudo-terminal, faults, a poll and a duration go with a recording`() throws {
        let settings = try Self.read([.pty: "/tmp/p", .faults: "loss 5%", .poll: "dataset", .duration: "1h"])
        #expect(settings.pty == ["/tmp/p"])
        #expect(settings.tcp.isEmpty)
        #expect(settings.faults == "loss 5%")
        #expect(settings.poll == .dataset)
        #expect(settings.duration == .seconds(3600))
    }
}

struct ReplaySettingsTests {
    private func read(_ texts: [SettingKey: [String]]) throws(SettingsError) -> ReplaySettings {
        let good: [SettingKey: [String]] = [.asClient: ["r.jsonl"], .tcp: ["[::1]:5020"]]
        return try ReplaySettings(good.merging(texts) { $1 })
    }

    @Test func `a recording is asked of one server, at its own speed`() throws {
        let settings = try read([:])
        #expect(settings.recording == "r.jsonl")
        #expect(settings.server == HostPort(host: "::1", port: 5020))
        #expect(settings.speed == 1)
        #expect(try read([.asClient: ["-"]]).recording == "-")
    }

    @Test(
        "a value that is none is refused with what is allowed",
        arguments: [
            (.asClient, "", "a wire log or a capture"), (.tcp, "", "host:port"), (.tcp, "none", "host:port"),
            (.tcp, "-", "host:port"), (.tcp, "a:0", "host:port"), (.tcp, "a:1,b:2", "host:port"),
            (.speed, "0", "max, or a factor 0.01 to 10000"),
        ] as [(SettingKey, String, String)])
    func refused(_ key: SettingKey, _ text: String, _ allowed: String) {
        do throws(SettingsError) {
            Issue.record("\(key.flag) \(text) was taken: \(try read([key: [text]]))")
        } catch {
            let line = error.description
            #expect(line.hasPrefix("\(key.flag) \(text.debugDescription): expected "), "\(line)")
            #expect(line.contains(allowed), "\(line)")
        }
    }
}
