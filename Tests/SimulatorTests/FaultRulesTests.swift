import Foundation
import Settings
import Testing

@testable import Simulator

struct FaultRulesTests {
    @Test(
        "a rule is a fault, perhaps a probability, and words with values",
        arguments: [
            ("loss", FaultRule(LossFault())),
            ("late", FaultRule(LateFault(by: .milliseconds(1) ... .milliseconds(400)))),
            ("late by 20ms", FaultRule(LateFault(by: .milliseconds(20) ... .milliseconds(20)))),
            ("delay by 50ms-2s", FaultRule(DelayFault(by: .milliseconds(50) ... .seconds(2)))),
            ("tail by 0.1", FaultRule(TailFault(mean: .milliseconds(100)))),
            ("exception", FaultRule(ExceptionFault())),
            ("exception code 255", FaultRule(ExceptionFault(codes: 255...255))),
            ("duplicate", FaultRule(DuplicateFault())),
            ("truncated", FaultRule(TruncatedFault())),
            ("crc", FaultRule(CRCFault())),
            ("noise-before", FaultRule(NoiseBeforeFault())),
            ("noise-after", FaultRule(NoiseAfterFault())),
            ("split", FaultRule(SplitFault(by: .milliseconds(1) ... .milliseconds(80)))),
            ("split by 5ms", FaultRule(SplitFault(by: .milliseconds(5) ... .milliseconds(5)))),
            ("wrong-unit", FaultRule(WrongUnitFault())),
            ("wrong-function", FaultRule(WrongFunctionFault())),
            ("wrong-count", FaultRule(WrongCountFault())),
            ("asleep for 24h", FaultRule(AsleepFault(duration: .seconds(86_400)))),
            ("unplugged for 3s", FaultRule(UnpluggedFault(duration: .seconds(3)))),
        ])
    func kinds(_ text: String, _ rule: FaultRule) throws {
        #expect(try FaultRules(text).rules == [rule])
    }

    @Test(
        "a probability is a share or a percentage",
        arguments: [
            ("loss", 1), ("loss 0", 0), ("loss 1", 1), ("loss 0.25", 0.25), ("loss 5%", 0.05), ("loss 100%", 1),
            ("loss unit 1 probability 2%", 0.02),
        ])
    func probability(_ text: String, _ expected: Double) throws {
        #expect(try FaultRules(text).rules.map(\.probability) == [expected])
    }

    @Test func `conditions narrow a rule, and rules stay in order`() throws {
        let rules = try FaultRules(
            "crc 1% unit 1-3 function 3 registers 0-124 client TCP:127.0.0.1 from 1s until 1m; ; loss;"
        ).rules
        var crc = FaultRule(CRCFault())
        crc.probability = 0.01
        (crc.units, crc.functions, crc.registers) = (1...3, 3...3, 0...124)
        (crc.client, crc.from, crc.until) = ("TCP:127.0.0.1", .seconds(1), .seconds(60))
        #expect(rules == [crc, FaultRule(LossFault())])
    }

    @Test(
        "what is wrong is told in one line with its place, and what is expected",
        arguments: [
            ("", "1:1: expected at least one fault"),
            (" ; ;", "1:1: expected at least one fault"),
            ("crx 5%", "1:1: [0].fault: unknown fault crx; did you mean crc? expected delay, tail, loss"),
            ("5%", "1:1: [0].fault: unknown fault 5%"),
            ("loss; crc 5% unit", "1:14: unit has no value behind it"),
            ("loss unit 1 unit 2", "1:13: unit is there twice"),
            ("loss 5% probability 6%", "1:9: probability is there twice"),
            ("loss probably 5%", "1:6: [0].probably: unknown key; did you mean probability?"),
            ("loss 101%", "1:6: [0].probability: expected a probability such as 5% or 0.05, not \"101%\""),
            ("loss 1.5", "1:6: [0].probability: expected a probability"),
            ("loss 1e-3", "1:6: [0].probability: expected a probability"),
            ("loss 5%%", "1:6: [0].probability: expected a probability"),
            ("delay", "1:1: [0].fault: delay needs the key by"),
            ("tail 5%", "1:1: [0].fault: tail needs the key by"),
            ("asleep", "1:1: [0].fault: asleep needs the key for"),
            ("unplugged", "1:1: [0].fault: unplugged needs the key for"),
            ("delay by 2s-1s", "1:10: [0].by: expected a time such as 20ms, or a range 20ms-80ms, up to 24 h"),
            ("delay by soon", "1:10: [0].by: expected a time"),
            ("delay by 25h", "1:10: [0].by: expected a time"),
            ("loss by 1s", "1:9: [0].by: loss has no by"),
            ("tail by 1s-2s", "1:9: [0].by: expected a time such as 20ms, up to 24 h, not \"1s-2s\""),
            ("asleep for 1s-2s", "1:12: [0].for: expected a time such as 20ms, up to 24 h"),
            ("unplugged for 1s-2s", "1:15: [0].for: expected a time such as 20ms, up to 24 h"),
            ("delay by 1s for 2s", "1:17: [0].for: delay has no for"),
            ("loss code 4", "1:11: [0].code: loss has no code"),
            ("exception code 0", "1:16: [0].code: expected an exception code 1 to 255, not \"0\""),
            ("exception code 256", "1:16: [0].code: expected an exception code"),
            ("loss unit 256", "1:11: [0].unit: expected a unit 0 to 255, or a range 1-3, not \"256\""),
            ("loss unit 3-1", "1:11: [0].unit: expected a unit"),
            ("loss function read", "1:15: [0].function: expected a function code 1 to 255"),
            ("loss registers 0-65536", "1:16: [0].registers: expected an address 0 to 65535, or a range 0-124"),
            ("loss registers 1-2-3", "1:16: [0].registers: expected an address"),
            ("loss from -1s", "1:11: [0].from: expected a time from the start, 0 to 24 h"),
            ("loss from 2s until 2s", "1:20: [0].until: expected a time after from, which is 2 s"),
        ])
    func errors(_ text: String, _ words: String) {
        do throws(YAMLError) {
            Issue.record("taken: \(try FaultRules(text))")
        } catch {
            #expect(error.description.hasPrefix("--faults:\(words)"), "\(error)")
            #expect(!error.description.contains("\n"))
        }
    }

    @Test func `what may be meant as a file is told what a file is called`() {
        let words = "; the name of a file of rules ends in .yaml or .yml"
        for text in ["rules.json", "/etc/rules"] {
            let error = #expect(throws: YAMLError.self) { try FaultRules(text) }
            #expect(error?.description.hasSuffix(words) == true)
        }
        let error = #expect(throws: YAMLError.self) { try FaultRules("rules") }
        #expect(error?.description.hasSuffix(words) == false)
    }

    @Test func `a file has the same rules, and perhaps a seed`() throws {
        let rules = try Self.reading(
            """
            seed: 18446744073709551615
            faults:
              - {fault: loss, probability: 5%}
              - fault: late
                by: 1ms-400ms
                unit: 1
            """)
        #expect(rules.seed == .max)
        #expect(rules.rules == (try FaultRules("loss 5%; late by 1ms-400ms unit 1").rules))
        #expect(try FaultRules("loss").seed == nil)
    }

    @Test(
        "what is wrong in a file is told with its line",
        arguments: [
            ("{}", ":1:1: expected the key faults: a list of faults"),
            ("faults: []", ":1:9: faults: expected at least one fault"),
            ("faults: loss", ":1:9: faults: expected a list"),
            ("faults:\n  - {probability: 5%}", ":2:5: faults[0]: expected the key fault"),
            ("seed: -1\nfaults: [{fault: loss}]", ":1:7: seed: expected a number from 0 to 18446744073709551615"),
            ("faults:\n  - fault: loss\n    unit: all", ":3:11: faults[0].unit: expected a unit 0 to 255"),
            ("fault: loss", ":1:1: fault: unknown key; did you mean faults?"),
        ])
    func errorsOfFiles(_ yaml: String, _ words: String) {
        do {
            Issue.record("taken: \(try Self.reading(yaml))")
        } catch {
            #expect("\(error)".contains(".yaml\(words)"), "\(error)")
        }
    }

    @Test func `a file that is not there is named`() {
        #expect(throws: YAMLError.self) { try FaultRules("/nowhere/faults.yaml") }
        do {
            _ = try FaultRules("/nowhere/faults.yaml")
        } catch {
            #expect(error.description.hasPrefix("/nowhere/faults.yaml: "), "\(error)")
        }
    }

    static func reading(_ yaml: String) throws -> FaultRules {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).yaml")
        try Data(yaml.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try FaultRules(file.path)
    }
}
