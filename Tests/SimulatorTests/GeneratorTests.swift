import Foundation
import Growatt
import Settings
import Simulator
import Testing

struct GeneratorTests {
    @Test(
        "a generator is a function of the time",
        arguments: [
            ("constant: 7", [(0, 7), (99, 7)]),
            ("steps: {values: [1, 2, 3], every: 10s}", [(0, 1), (9.9, 1), (10, 2), (29, 3), (30, 1)]),
            ("ramp: {from: 0, to: 100, over: 50s}", [(0, 0), (25, 50), (50, 100), (80, 100)]),
            ("ramp: {from: 0, to: 100, over: 50s, then: repeat}", [(49, 98), (50, 0), (75, 50)]),
            ("sine: {mean: 500, amplitude: 100, period: 40s}", [(0, 500), (10, 600), (20, 500), (30, 400)]),
            ("sine: {mean: 500, amplitude: 100, period: 40s, phase: 10s}", [(10, 500), (20, 600)]),
            ("counter: {start: 5, per-hour: 3600}", [(0, 5), (10, 15), (86_400, 20_869)]),
            ("counter: {per-hour: 3600}", [(0, 1), (10, 11)]),
            (
                "counter: {start: 5, per-hour: 360, reset: midnight}",
                [(10, 6), (86_390, 8644), (86_400, 0), (86_410, 1)]
            ),
        ] as [(String, [(Double, Double)])])
    func values(_ text: String, _ expected: [(Double, Double)]) throws {
        // Input 3000 of the dataset is 1.
        let bench = try ProfileBench([], yaml: "registers: [{register: input 3000, \(text)}]")
        for (time, value) in expected {
            bench.go(to: time)
            #expect(try bench.read(.input, 3000) == value, "at \(time) s")
        }
    }

    @Test func `noise and random walk stay within their bounds, and move`() throws {
        let bench = try ProfileBench(
            [],
            yaml: """
                registers:
                  - {register: input 1, type: s16, scale: 0.1, noise: {mean: -5, amplitude: 2, every: 2s}}
                  - {register: input 2, random-walk: {start: 10, step: 4, every: 1s, minimum: 5, maximum: 15}}
                """)
        var (noise, walk): (Set<Double>, Set<Double>) = ([], [])
        for second in 0..<500 {
            bench.go(to: Double(second))
            noise.insert(try bench.read(.input, 1, .s16, scale: 0.1))
            walk.insert(try bench.read(.input, 2))
        }
        #expect(noise.allSatisfy { (-7.01 ... -2.99).contains($0) })
        #expect(noise.count > 20)
        #expect(walk == Set((5...15).map(Double.init)))
    }

    @Test func `two words stand high word first, negative numbers in two's complement`() throws {
        let bench = try ProfileBench(
            [],
            yaml: """
                registers:
                  - {register: holding 10, type: u32, constant: 305419896}
                  - {register: meter 20, type: s32, scale: 0.1, constant: -1.5}
                """)
        #expect(try [10, 11].map { try bench.read(.holding, $0) } == [0x1234, 0x5678])
        #expect(try [20, 21].map { try bench.read(.meter, $0) } == [0xFFFF, 0xFFF1])
    }

    @Test func `a quantity of the plant can stand in any register`() throws {
        let bench = try ProfileBench(
            ["sunny-day"], yaml: "registers: [{register: input 30000, scale: 0.5, quantity: pv.power}]")
        bench.go(to: 13 * 3600)
        #expect(abs(try bench.read(.input, 30_000, scale: 0.5) - bench.quantity("pv.power")) <= 0.25)
    }

    @Test func `a register that is driven wins over the plant`() throws {
        let bench = try ProfileBench(["sunny-day"], yaml: "registers: [{register: input 3026, constant: 1234}]")
        bench.go(to: 13 * 3600)
        #expect(try bench.read(.input, 3026) == 1234)
    }

    @Test func `a series comes from a file beside the profile`() throws {
        let folder = NSTemporaryDirectory() + "series-\(UUID())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try "t,a, b\r\n0,1,10\n5,2,20\n\n10,3,30\n".write(toFile: folder + "/x.csv", atomically: true, encoding: .utf8)
        let entries = ["hold", "repeat"].enumerated().map {
            "{register: input \($0), csv: {file: x.csv, column: b, then: \($1)}}"
        }
        try "registers: [\(entries.joined(separator: ", "))]".write(
            toFile: folder + "/p.yaml", atomically: true, encoding: .utf8)
        let bench = try ProfileBench([folder + "/p.yaml"])
        for (time, held, repeated) in [(0.0, 10.0, 10.0), (4.9, 10, 10), (5, 20, 20), (10, 30, 10), (16, 30, 20)] {
            bench.go(to: time)
            #expect(try bench.read(.input, 0) == held, "at \(time) s")
            #expect(try bench.read(.input, 1) == repeated, "at \(time) s")
        }
    }

    @Test(
        "a series that cannot be used is refused",
        arguments: [
            ("", "a", "no column \"a\""), ("t,a\n", "a", "expected a line of names and a row"),
            ("t,a\n0,1", "b", "line 1: no column \"b\" behind the first; there are: a"),
            ("t,a\n0,x", "a", "line 2: expected a number"), ("t,a\n0", "a", "line 2"),
            ("t,a\n5,1\n4,2", "a", "line 3: goes back"),
            ("t,a\n0,nan", "a", "line 2"),
        ])
    func badSeries(_ text: String, _ column: String, _ message: String) {
        let error = #expect(throws: CSVError.self) { try CSVSeries(text, column: column, repeats: false) }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }
}
