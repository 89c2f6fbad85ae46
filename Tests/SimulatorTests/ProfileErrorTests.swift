import Growatt
import Settings
import Simulator
import Testing

struct ProfileErrorTests {
    @Test(
        "a profile that is wrong or contradicts itself is refused with file, line and reason",
        arguments: [
            ("plnat: {}", "p.yaml:1:1: plnat: unknown key; did you mean plant? expected description, plant"),
            ("plant:\n  pv:\n    sunrsie: 6:00", "p.yaml:3:5: plant.pv.sunrsie: unknown key; did you mean sunrise?"),
            ("plant:\n  pv: {sunrise: 20:00, sunset: 06:00}", "p.yaml:2:7: plant.pv: sunrise is not before sunset"),
            ("plant: {pv: {sunrise: 25:00}}", "plant.pv.sunrise: expected a time of the day, such as 06:30"),
            ("plant: {pv: {strings: []}}", "plant.pv.strings: expected 1 to 4 strings, not 0"),
            ("plant: {pv: {strings: [{voltage: 300}]}}", "plant.pv.strings[0]: expected the key peak"),
            ("plant: {pv: {clouds: 1.1}}", "plant.pv.clouds: expected a number from 0 to 1, not \"1.1\""),
            ("plant: {battery: {minimum: 50, maximum: 40}}", "plant.battery: minimum is not below maximum"),
            ("plant: {battery: {initial: 5}}", "plant.battery.initial: initial is not between minimum and maximum"),
            ("plant: {battery: {schedule: [{time: 1:00-2:00}]}}", "schedule[0]: expected the keys time and power"),
            ("plant: {battery: {power: 100, schedule: [{time: 1:00-2:00, power: 200}]}}", "from -100 to 100 W, not"),
            ("plant: {grid: {outages: [noon]}}", "plant.grid.outages[0]: expected two times with a hyphen"),
            ("plant: 7", "plant: expected a mapping with pv, inverter"),
            ("silent: dusk-dusk", "silent: expected two times"),
            ("silent: [22:00-25:00]", "silent[0]: expected two times"),
            ("registers: {a: 1}", "registers: expected a list, not a mapping"),
            ("registers:\n  - {constant: 1}", "p.yaml:2:5: registers[0]: expected the key register"),
            ("registers: [{register: input 1}]", "registers[0]: expected one of constant, steps"),
            ("registers: [{register: input 1, constant: 1, ramp: {}}]", "not constant and ramp"),
            ("registers: [{register: coil 1, constant: 1}]", "register: expected a table (holding, input, meter)"),
            ("registers: [{register: input 65536, constant: 1}]", "register: expected a table"),
            ("registers: [{register: input 1-5, constant: 1}]", "register: expected one address"),
            ("registers: [{register: input 65535, type: u32, constant: 1}]", "with u32 up to 65534"),
            ("registers: [{register: input 1, type: u8, constant: 1}]", "type: expected u16, s16, u32 or s32"),
            ("registers: [{register: input 1, constant: 65536}]", "constant: expected a number from 0 to 65535"),
            ("registers: [{register: input 1, constant: -1}]", "constant: expected a number from 0 to 65535"),
            ("registers: [{register: input 1, steps: {values: [], every: 1s}}]", "expected at least one value"),
            ("registers: [{register: input 1, steps: {values: [1]}}]", "steps: expected the key every"),
            ("registers: [{register: input 1, ramp: {from: 0, to: 1, over: 0s}}]", "over: expected 1 s to 8760 h"),
            (
                "registers: [{register: input 1, sine: {mean: 5, amplitude: 6, period: 1m}}]",
                "mean ± amplitude does not"
            ),
            (
                "registers: [{register: input 1, random-walk: {start: 9, step: 1, every: 1s, minimum: 10}}]",
                "start: expected a number from 10 to 65535"
            ),
            (
                "registers: [{register: input 1, random-walk: {start: 9, step: 1, every: 1s, minimum: 10, maximum: 2}}]",
                "minimum 10.0 is above maximum 2.0"
            ),
            (
                "registers: [{register: input 1, quantity: pv.powre}]",
                "no quantity \"pv.powre\"; did you mean pv.power?"
            ),
            ("registers: [{register: input 1, csv: {file: no.csv, column: a}}]", "csv.file: no.csv: cannot be opened"),
            (
                "registers:\n  - {register: input 1, type: u32, constant: 1}\n  - {register: input 2, constant: 1}",
                "p.yaml:3:5: registers[1]: input 2 is driven already, in line 2"
            ),
            ("count-up: [{registers: input 5-1}]", "count-up[0].registers: expected a table"),
            ("count-up: [{registers: input 1-5}, {registers: input 5-9}]", "some of these registers count already"),
            ("a: 1\na: 2", "p.yaml:2:1: key \"a\" is there twice"),
            ("- 1", "p.yaml:1:1: expected a mapping with description, plant"),
        ])
    func refused(_ text: String, _ message: String) {
        var profile = Profile()
        let error = #expect(throws: YAMLError.self) { try profile.add(yaml: Array(text.utf8), file: "p.yaml") }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
        #expect(error?.description.hasPrefix("p.yaml:1:") == true || error?.place?.line != 1)
        #expect(error?.description.contains("\n") == false)
    }

    @Test func `a profile that is not there is refused with those that are`() {
        let error = #expect(throws: YAMLError.self) { try Profile(["suny-day"]) }
        #expect(error?.description.hasPrefix("suny-day: cannot be opened: No such file or directory; shipped") == true)
        #expect(error?.description.contains("sunny-day") == true)
    }

    @Test func `in two files the later one drives the register`() throws {
        var profile = Profile()
        try profile.add(yaml: Array("registers: [{register: input 1, type: u32, constant: 1}]".utf8), file: "a")
        try profile.add(yaml: Array("registers: [{register: input 2, constant: 7}]".utf8), file: "b")
        #expect(profile.drives.map(\.place.address) == [2])
    }

    @Test(
        "times of the day",
        arguments: [
            ("00:00", 0), ("6:30", 23_400), ("18:05:30", 65_130), ("24:00", 86_400), ("24:01", nil), ("6", nil),
            ("6:60", nil), ("06:30:60", nil), (":30", nil), ("+6:30", nil), ("6:30:", nil), ("noon", nil),
        ] as [(String, Double?)])
    func timeOfDay(_ text: String, _ seconds: Double?) {
        #expect(TimeOfDay.seconds(text) == seconds)
    }
}
