import Settings
import Testing

struct EffectiveConfigurationTests {
    @Test func `every value has its origin behind it`() throws {
        let file = "lines:\n  - endpoint: serial:///dev/i?baud=115200\n    retries: 3\n"
        let text = try configuration(file, [.minPeriod: "1"], ["RTIMEOUT": "0.4", "TCP_BIND": "*:502"]).effective
        func origin(_ line: String) -> String? {
            let found = text.split(separator: "\n").first {
                $0.drop(while: { " -".contains($0) }).hasPrefix(line + " ")
            }
            return found?.split(separator: "#").last.map { String($0.drop { $0 == " " }) }
        }
        #expect(origin("endpoint: /dev/i") == "c.yaml:2")
        #expect(origin("baud: 115200") == "c.yaml:2")
        #expect(origin("format: 8N1") == "default")
        #expect(origin("retries: 3") == "c.yaml:3")
        #expect(origin("min-period: 1") == "--min-period")
        #expect(origin("rtimeout: 0.4") == "RTIMEOUT")
        #expect(origin("tcp: 0.0.0.0:502") == "TCP_BIND")
    }

    @Test("what is printed is read as the same settings", arguments: (0..<300).map { $0 })
    func roundTrip(_ seed: UInt64) throws {
        var random = ConfigurationText(seed: seed)
        let yaml = random.configuration()
        do throws(YAMLError) {
            let first = try configuration(yaml)
            let second = try configuration(first.effective)
            #expect(second.settings == first.settings, "seed \(seed):\n\(yaml)\n\(first.effective)")
        } catch {
            Issue.record("seed \(seed): \(error)\n\(yaml)")
        }
    }

    @Test func `also what flags and variables say is read again`() throws {
        let first = try configuration(
            "", flags: [.dataset: ["a b: #c"], .profile: ["x", "-y"], .mutate: ["true"], .pty: ["/tmp/ä\"\\\t"]],
            ["LOG_PATH": "null", "GROWATT_BROKER_SEED": "7"])
        #expect(first.settings.log.file == .file("null"))
        let second = try configuration(first.effective)
        #expect(second.settings == first.settings)
        #expect(second.settings.pty == ["/tmp/ä\"\\\t"])
    }
}
