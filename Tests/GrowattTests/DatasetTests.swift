import Foundation
import Growatt
import Modbus
import Testing
import Text

struct DatasetTests {
    @Test func `a dataset has the tables of its units, and values below 0 modulo 65536`() throws {
        let dataset = try read(
            """
            { "holding": {"30": 100, "31": -1, "65535": -32768}, "input": {"0": 65535}, "meter": {"1": 5},
              "units": {"2": {"input": {"7": 8}}, "247": {}}, "_family": "tlx" }
            """)
        #expect(dataset.units[1]?.holding == [30: 100, 31: 65535, 65535: 32768])
        #expect(dataset.units[1]?.input == [0: 65535])
        #expect(dataset.units[1]?.meter == [1: 5])
        #expect(dataset.units[2] == Dataset.Unit(input: [7: 8]))
        #expect(dataset.units[247] == Dataset.Unit())
        #expect(dataset.units.count == 3)
        #expect(dataset.note("_family", of: 2) == "tlx")
    }

    @Test("an empty dataset is unit 1 without registers", arguments: ["{}", "{\"_note\": 1}", "{\"units\": {}}"])
    func empty(_ text: String) throws {
        #expect(try read(text).units == [1: Dataset.Unit()])
    }

    @Test func `a unit's own note comes before the file's`() throws {
        let dataset = try read(#"{"_family": "tlx", "units": {"1": {}, "3": {"_family": "storage"}}}"#)
        #expect(dataset.note("_family", of: 1) == "tlx")
        #expect(dataset.note("_family", of: 3) == "storage")
        #expect(dataset.note("_firmware", of: 3) == nil)
    }

    @Test func `notes are kept with all that is in them, in their order`() throws {
        let text = #"""
            {
              "_z": "quotation \" and \\ and ä and \u0001",
              "_a": {
                "second": [
                  1.50,
                  -2e+3,
                  true,
                  null
                ],
                "first": {}
              },
              "holding": {
                "9": 1,
                "10": 2
              },
              "input": {},
              "units": {
                "2": {
                  "_serial": "X",
                  "holding": {},
                  "input": {},
                  "meter": {
                    "0": 3
                  }
                }
              }
            }

            """#
        #expect(String(decoding: try read(text).json, as: UTF8.self) == text)
    }

    @Test func `what is written is read as the same, and addresses ascend`() throws {
        let registers = Dictionary(uniqueKeysWithValues: (0..<300).map { (UInt16($0 * 211), UInt16($0 * 218)) })
        let units: [[UnitIdentifier: Dataset.Unit]] = [
            [:], [1: .init()], [7: .init(input: registers)], [1: .init(), 2: .init(meter: registers)],
            [1: .init(holding: registers, notes: [.init("_a", .null)]), 2: .init()],
        ]
        for units in units {
            let dataset = Dataset(units: units, notes: [.init("_source", .string("test"))])
            let again = try Dataset(json: dataset.json, file: "x.json")
            #expect(again.units == (units.isEmpty ? [1: .init()] : units))
            #expect(again.notes == dataset.notes)
        }
        let lines = String(decoding: Dataset(units: [1: .init(holding: registers)]).json, as: UTF8.self).split(
            separator: "\n")
        let addresses = lines.filter { $0.hasPrefix("    \"") }.compactMap { Int($0.split(separator: "\"")[1]) }
        #expect(addresses == (0..<300).map { $0 * 211 })
    }

    @Test(
        "anything else is refused with file, key and reason",
        arguments: [
            ("[]", "x.json: expected an object, not a list"),
            (#"{"coils": {}}"#, "x.json: coils: unknown key; expected holding, input, meter, units, or one"),
            (#"{"units": {"2": {"units": {}}}}"#, "units.2.units: unknown key; expected holding, input, meter, or"),
            (#"{"units": []}"#, "units: expected an object, not a list"),
            (#"{"units": {"2": 7}}"#, "units.2: expected an object, not 7"),
            (#"{"units": {"0": {}}}"#, "units.0: expected a unit from 1 to 247"),
            (#"{"units": {"248": {}}}"#, "units.248: expected a unit from 1 to 247"),
            (#"{"holding": {}, "units": {"1": {}}}"#, "units.1: unit 1 is at the top of the file already"),
            (#"{"holding": [1]}"#, "holding: expected an object, not a list"),
            (#"{"holding": {"65536": 1}}"#, "holding.65536: expected an address from 0 to 65535"),
            (#"{"holding": {"-1": 1}}"#, "holding.-1: expected an address"),
            (#"{"holding": {"07": 1}}"#, "holding.07: expected an address"),
            (#"{"holding": {"0x1": 1}}"#, "holding.0x1: expected an address"),
            (#"{"input": {"1": 65536}}"#, "input.1: expected an integer from -32768 to 65535, not 65536"),
            (#"{"input": {"1": -32769}}"#, "input.1: expected an integer from -32768 to 65535, not -32769"),
            (#"{"input": {"1": 1.0}}"#, "input.1: expected an integer from -32768 to 65535, not 1.0"),
            (#"{"input": {"1": "5"}}"#, #"input.1: expected an integer from -32768 to 65535, not "5""#),
            (#"{"input": {"1": true}}"#, "not true"),
            ("{\"input\": {\"1\": 1,\n \"1\": 2}}", #"x.json: line 2, column 2: key "1" is there twice"#),
            ("{\"a\": 1", "x.json: line 1, column 8: expected , or }"),
            ("", "x.json: line 1, column 1: expected a value"),
        ])
    func refused(_ text: String, _ message: String) {
        do throws(DatasetError) {
            let dataset = try Dataset(json: Array(text.utf8), file: "x.json")
            Issue.record("taken: \(dataset)")
        } catch {
            #expect(error.description.contains(message), "\(error)")
            #expect(error.description.hasPrefix("x.json: "))
        }
    }

    @Test func `a file is written and read, and one that is missing is named`() throws {
        let path = "\(NSTemporaryDirectory())/dataset-\(UUID()).json"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let dataset = Dataset(units: [1: .init(holding: [1: 2]), 4: .init(input: [3: 4])])
        try dataset.write(to: path)
        #expect(try Dataset(path: path) == dataset)
        let missing = #expect(throws: DatasetError.self) { try Dataset(path: "/nowhere/x.json") }
        #expect(missing?.description == "/nowhere/x.json: cannot be opened: No such file or directory")
        let unwritable = #expect(throws: Text.FileError.self) { try dataset.write(to: "/nowhere/x.json") }
        #expect(unwritable?.description == "/nowhere/x.json: cannot be written: No such file or directory")
    }

    @Test(.enabled(if: FileManager.default.isReadableFile(atPath: realPath), "no dataset at \(realPath)"))
    func `a real dataset is read and written without loss`() throws {
        let dataset = try Dataset(path: Self.realPath)
        let unit = try #require(dataset.units[1])
        #expect(unit.holding[7] == 60000)
        #expect(unit.input.count > 100)
        #expect(dataset.notes.map(\.key) == ["_source"])
        #expect(try Dataset(json: dataset.json, file: "again") == dataset)
    }

    /// Beside the checkout, or where the environment says; absent on a user's machine.
    private static let realPath =
        (ProcessInfo.processInfo.environment["GROWATT_BROKER_DATA"] ?? "../shared/data") + "/min-6000tl-xh.dataset.json"

    private func read(_ text: String) throws -> Dataset {
        try Dataset(json: Array(text.utf8), file: "x.json")
    }
}
