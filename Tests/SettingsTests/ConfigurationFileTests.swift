import Endpoints
import Growatt
import Settings
import Testing

struct ConfigurationFileTests {
    private static let whole = """
        lines:
          - name: garage
            endpoint: serial:///dev/ttyUSB0?baud=115200&format=8E1
            min-period: 850ms
            silence: auto
            rtimeout: 0.5
            retries: 2
            local-echo: true
            poll: input:3000-3124
            dongle:
              endpoint: /dev/ttyUSB1
              baud: 115200
              timeout: 1500ms
              firmware-writes: [31, 32]
        listeners:
          - tcp: 0.0.0.0:502
          - {sniff: "127.0.0.1:5021"}
        clients:
          limit: 10
          timeout: 5
          allow-broadcast: true
          names:
            192.168.1.10: home-assistant
            SHINE: dongle
        log:
          file: /var/log/wire.jsonl
          max-size: 10M
          level: debug
        capture:
          file: /tmp/c.jsonl
        control: none
        duration: 1h
        """

    @Test func `everything can be said in a file`() throws {
        let settings = try configuration(Self.whole).settings
        #expect(settings.line.name == "garage")
        #expect(
            settings.line.port.endpoint
                == .serial(path: "/dev/ttyUSB0", baud: 115_200, format: try #require(LineFormat("8E1"))))
        #expect(settings.line.minPeriod == .milliseconds(850))
        #expect(settings.line.responseTimeout == .milliseconds(500))
        #expect(settings.line.retries == 2)
        #expect(settings.line.localEcho)
        #expect(settings.line.poll == .blocks([PollBlock(table: .input, addresses: 3000...3124)]))
        #expect(settings.line.dongle?.port.endpoint?.path == "/dev/ttyUSB1")
        #expect(settings.line.dongle?.timeout == .milliseconds(1500))
        #expect(settings.line.dongle?.firmwareWrites == [31, 32])
        #expect(settings.tcp == [HostPort(host: "0.0.0.0", port: 502)])
        #expect(settings.sniff == HostPort(host: "127.0.0.1", port: 5021))
        #expect(settings.clients.limit == 10)
        #expect(settings.clients.timeout == .seconds(5))
        #expect(settings.clients.allowBroadcast)
        #expect(settings.clients.names.map(\.name) == ["home-assistant", "dongle"])
        #expect(settings.log.file == .file("/var/log/wire.jsonl"))
        #expect(settings.log.maxSize == 10_000_000)
        #expect(settings.log.level == .debug)
        #expect(settings.capture?.file == "/tmp/c.jsonl")
        #expect(settings.control == ControlPlace.none)
        #expect(settings.duration == .seconds(3600))
    }

    @Test func `a dataset or a recording stands in for a line`() throws {
        let dataset = try configuration("lines: [{dataset: {name: d.json, profiles: sunny-day}}]").settings
        var expected = DatasetSettings(name: "d.json")
        expected.profiles = ["sunny-day"]
        #expect(dataset.line.source == .dataset(expected))
        let recording = try configuration("lines:\n- recording: {file: r.jsonl, speed: max}\n").settings
        var playing = RecordingSettings(file: "r.jsonl")
        playing.speed = nil
        #expect(recording.line.source == .recording(playing))
    }

    @Test func `a flag beats a variable, that the prototype's name, and that the file`() throws {
        let file = "lines: [{endpoint: /dev/file, retries: 3}]\nlog: {file: none}"
        func path(_ flags: [SettingKey: [String]], _ variables: [String: String]) throws -> String? {
            try configuration(file, flags: flags, variables).settings.line.port.endpoint?.path
        }
        let (own, old) = (["GROWATT_BROKER_INVERTER": "/dev/own"], ["INV_DEV": "/dev/old"])
        #expect(try path([:], [:]) == "/dev/file")
        #expect(try path([:], old) == "/dev/old")
        #expect(try path([:], own.merging(old) { $1 }) == "/dev/own")
        #expect(try path([.inverter: ["/dev/flag"]], own.merging(old) { $1 }) == "/dev/flag")
        #expect(try configuration(file, [.retries: "1"], own).settings.line.retries == 1)
    }

    @Test func `an empty variable sets nothing`() throws {
        let variables = ["INV_DEV": "/dev/i", "SHINE_DEV": "", "BAUD": "", "TCP_BIND": ""]
        let settings = try Configuration(.init(flags: [:], environment: variables)).settings
        #expect(settings.line.dongle == nil)
        #expect(settings.tcp == GatewaySettings().tcp)
    }

    @Test func `a speed for both ports is beaten by one's own in the same place, and by the URL`() throws {
        let file = "lines: [{endpoint: 'serial:///dev/i?baud=1200', dongle: {endpoint: /dev/s, baud: 2400}}]"
        func speeds(_ flags: [SettingKey: String]) throws -> [Endpoint?] {
            let line = try configuration(file, flags).settings.line
            return [line.port.endpoint, line.dongle?.port.endpoint]
        }
        func serial(_ path: String, _ baud: Int) -> Endpoint { .serial(path: path, baud: baud, format: .eightNoneOne) }
        #expect(try speeds([:]) == [serial("/dev/i", 1200), serial("/dev/s", 2400)])
        #expect(try speeds([.baud: "4800"]) == [serial("/dev/i", 4800), serial("/dev/s", 4800)])
        #expect(try speeds([.baud: "4800", .shineBaud: "9600"]) == [serial("/dev/i", 4800), serial("/dev/s", 9600)])
        #expect(
            try speeds([.baud: "4800", .inverter: "serial:///dev/x?baud=50"]) == [
                serial("/dev/x", 50), serial("/dev/s", 4800),
            ])
    }

    @Test func `another device has nothing of the URL that named the one before`() throws {
        let file = "lines: [{endpoint: 'serial:///dev/a?baud=115200&rs485=high', format: 8E1}]"
        let port = try configuration(file, [.inverter: "/dev/b"]).settings.line.port.endpoint
        #expect(port == .serial(path: "/dev/b", baud: 9600, format: try #require(LineFormat("8E1"))))
    }

    @Test func `listeners of a flag replace those of their kind`() throws {
        let file = "lines: [{endpoint: /dev/i}]\nlisteners: [{tcp: 'a:1'}, {tcp: 'a:2'}, {sniff: 'a:3'}]"
        func listeners(_ flags: [SettingKey: String], _ variables: [String: String] = [:]) throws -> [String] {
            let settings = try configuration(file, flags, variables).settings
            return settings.tcp.map(\.description) + [settings.sniff.map(\.description) ?? "-"]
        }
        #expect(try listeners([.tcp: "b:1,b:2"]) == ["b:1", "b:2", "a:3"])
        #expect(try listeners([.tcpAlt: "b:1", .sniff: "none"]) == ["a:1", "a:2", "b:1", "-"])
        #expect(try listeners([.tcp: "b:1"], ["TCP_BIND": "c:1", "SNIFF_BIND": "c:3"]) == ["b:1", "c:3"])
        let variables = ["TCP_BIND": "c:1", "TCP_ALT_BIND": "c:2"]
        #expect(try listeners([.tcpAlt: "b:2"], variables) == ["c:1", "b:2", "a:3"])
        #expect(try listeners([.tcpAlt: "none"], variables) == ["c:1", "a:3"])
        #expect(try listeners([.tcp: "b:1"], variables) == ["c:2", "b:1", "a:3"])
    }

    @Test func `a stand-in that a flag names replaces the file's line`() throws {
        let file = "lines: [{endpoint: /dev/i, retries: 5, dongle: {endpoint: /dev/s}}]"
        let settings = try configuration(file, [.dataset: "min-6000tl-xh"], ["MIN_PERIOD": "1"]).settings
        #expect(settings.line.source == .dataset(DatasetSettings(name: "min-6000tl-xh")))
        #expect(settings.line.dongle == nil)
        let back = try configuration("lines: [{dataset: {name: d}}]", [.inverter: "/dev/i"]).settings
        #expect(back.line.source == .line)
    }

    @Test func `the default file is for those who name no line`() {
        func takes(_ flags: [SettingKey: [String]], _ variables: [String: String] = [:], _ file: String? = nil) -> Bool
        {
            Configuration.Request(flags: flags, environment: variables, file: file).takesDefaultFile
        }
        #expect(takes([:]))
        #expect(takes([.tcp: ["a:1"]]))
        #expect(!takes([.inverter: ["/dev/i"]]))
        #expect(!takes([.dataset: ["d"]]))
        #expect(!takes([:], ["INV_DEV": "/dev/i"]))
        #expect(!takes([:], [:], "mine.yaml"))
    }

    @Test func `a variable that looks like a setting and is none is told`() throws {
        let variables = ["INV_DEV": "/dev/i", "GROWATT_BROKER_MIN_PEROD": "1", "GROWATT_BROKER_TCP": ""]
        let notices = try Configuration(.init(flags: [:], environment: variables)).notices
        #expect(
            notices == ["GROWATT_BROKER_MIN_PEROD is no setting, and not used; did you mean GROWATT_BROKER_MIN_PERIOD?"]
        )
    }
}
