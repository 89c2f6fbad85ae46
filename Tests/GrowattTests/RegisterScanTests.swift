import Foundation
import Growatt
import Modbus
import Testing
import Text

/// Register scans as the integration Growatt_ModbusTCP writes them, in its several versions.
struct RegisterScanTests {
    private static let preamble = """
        SCAN METADATA
        Integration Version,2.0.5
        Timestamp,2026-08-01T12:00:00+02:00
        Connection,192.0.2.7:502
        Connection Type,TCP
        Slave ID,3
        Block Size,125,registers per Modbus request

        CURRENT ENTITY VALUES FROM INTEGRATION
        Entity Name,Current Value
        serial_number,XYZ0000000
        status_list,"['a', ""b"",
        'c']"

        DETECTION ANALYSIS
        Detected Model,MIN 3000-6000TL-XH
        Firmware Version,AL1.0
        Suggested Profile Key,min_3000_6000_tl_xh

        RANGE SUMMARY
        Base Range 0-124,✓ Responding,2 registers

        """
    private static let header =
        "Register,Hex,Raw Value,×0.1,×0.01,Signed,32-bit Combined (with next reg),Entity Value,Suggested Match,"
        + "Status/Comment"
    private static let whole =
        preamble + """
            REGISTER DATA

            \(header)

            --- VPP Identification (Holding Registers 30000-30099) ---
            30000,0x7530,5200,520.0,52.00,5200,,,dtc_code (Device Type Code),Read OK [DTC Code - Device Type: 5200]
            30001,0x7531,,,,,,,,Modbus Error: ExceptionResponse(131, 3, 2)

            --- Holding Registers (Key Registers) ---
            H9,0x0009,16716,1671.6,167.16,16716,,,,"Read OK [Firmware version byte 1-2] ASCII: 'AL'"

            --- Base Range 0-124 ---
            0,0x0000,1,0.1,0.01,1,,1,,Read OK
            1,0x0001,0,0.0,0.00,0,,,,Read OK (zero value)
            2,0x0002,65535,6553.5,655.35,-1,,,,Read OK
            3,0x0003,,,,,,,,"Exception: ModbusIOException, no reply"

            --- Legacy Holding 0-124 (Holding Registers) ---
            H9,0x0009,,,,,,,,Modbus Error: ExceptionResponse(131, 3, 2)
            H30,0x001E,100,10.0,1.00,100,,,,Read OK

            """

    @Test func `H and a title say holding, and what was not read is not there`() throws {
        let dataset = try read(Self.whole)
        #expect(Array(dataset.units.keys) == [3])
        #expect(dataset.units[3]?.holding == [30000: 5200, 9: 16716, 30: 100])
        #expect(dataset.units[3]?.input == [0: 1, 1: 0, 2: 65535])
        #expect(dataset.saysWhatIsMissing)
        #expect(dataset.note("_source", of: 3) == "register scan of Growatt_ModbusTCP 2.0.5")
        #expect(dataset.note("_captured", of: 3) == "2026-08-01T12:00:00+02:00")
        #expect(dataset.note("_firmware", of: 3) == "AL1.0")
        #expect(dataset.note("_family", of: 3) == nil)
        #expect(!String(decoding: dataset.json, as: UTF8.self).contains("XYZ0000000"))
    }

    @Test("line ends, a byte order mark and the separators of spreadsheets make no difference")
    func spreadsheets() throws {
        let expected = try read(Self.whole).units
        let windows = Self.whole.replacing("\n", with: "\r\n")
        #expect(try read(windows).units == expected)
        #expect(try read("\u{FEFF}" + windows).units == expected)
        #expect(try read(Self.whole.replacing("\n", with: "\r")).units == expected)
        let plain =
            "SCAN METADATA;\nSlave ID;3\nRegister;Hex;Raw Value;Signed\n--- A ---;;;\nH1;0x0001;7;7\n2;0x0002;;\n"
        for text in [plain, plain.replacing(";", with: "\t")] {
            #expect(try read(text).units == [3: Dataset.Unit(holding: [1: 7])])
        }
    }

    @Test func `the first versions have no status, their header first, and no unit: unit 1`() throws {
        let text = """
            Register Address,Hex Address,Raw Value,Scaled x0.1,Scaled x0.01,Signed Value

            SCAN METADATA
            Timestamp,2025-10-20T12:00:00
            Host,192.0.2.7:502

            REGISTER DATA

            --- Base (0-124) ---
            0,0x0000,1,0.1,0.01,1
            ERROR: Failed to read Storage Range
            """
        #expect(try read(text, named: "scan.txt").units == [1: Dataset.Unit(input: [0: 1])])
    }

    @Test func `an off-grid scan has holding registers where others have input registers`() throws {
        let summary = "SCAN METADATA\nOffGrid Base Range 0-82,✓ Responding\nOffGrid Holding 0-124,✓ Responding\n"
        let rows = "\(Self.header)\n--- Base Range 0-124 ---\n5,0x0005,6,,,,,,,Read OK\n"
        #expect(try read(summary + rows).units == [1: Dataset.Unit(holding: [5: 6])])
        let apart = rows + "--- OffGrid Holding 0-124 (Holding Registers) ---\nH5,0x0005,7,,,,,,,Read OK\n"
        #expect(try read(summary + apart).units == [1: Dataset.Unit(holding: [5: 7], input: [5: 6])])
    }

    @Test func `an SPH is of the family storage, though it has registers from 3000 on`() throws {
        let text = "SCAN METADATA\nSuggested Profile Key,sph_3000_6000\n\(Self.header)\n3000,0x0BB8,1,,,,,,,Read OK\n"
        #expect(try read(text).note("_family", of: 1) == "storage")
    }

    @Test(
        "an error names line and value, and what is allowed",
        arguments: [
            (
                "H70000,0x0001,5",
                #"scan.csv: line 3: register: expected 0 to 65535, with H before it for a holding "#
                    + #"register, not "H70000""#
            ),
            (
                "30.0,0x001E,5",
                #"scan.csv: line 3: register: expected 0 to 65535, with H before it for a holding "#
                    + #"register, not "30.0""#
            ),
            ("30,0x001F,5", #"scan.csv: line 3: Hex of register 30: expected the same number, 0x1e, not "0x001F""#),
            (
                "30,0x001E,12.5",
                #"scan.csv: line 3: Raw Value of register 30: expected 0 to 65535, or nothing if it "#
                    + #"was not read, not "12.5""#
            ),
            (
                "30,0x001E,65536",
                #"scan.csv: line 3: Raw Value of register 30: expected 0 to 65535, or nothing if it "#
                    + #"was not read, not "65536""#
            ),
            ("30,0x001E,\"5", "scan.csv: line 3: a quotation mark that nothing closes"),
        ])
    func faults(_ row: String, _ error: String) {
        #expect(message { try read("SCAN METADATA\nRegister,Hex,Raw Value\n\(row)\n") } == error)
    }

    @Test func `a unit that is none is refused, and so is a file without the columns`() {
        #expect(
            message { try read("SCAN METADATA\nSlave ID,248\n\(Self.header)\n") }
                == #"scan.csv: line 2: Slave ID: expected 1 to 247, not "248""#)
        for text in ["", "{}", "a,b\n1,2\n", "SCAN METADATA\nTimestamp,x\n"] {
            #expect(
                message { try read(text) }
                    == "scan.csv: no line with the columns Register and Raw Value; "
                    + "expected a register scan of Growatt_ModbusTCP")
        }
    }

    @Test func `whatever is cut off or damaged is read or refused, and never traps`() throws {
        let bytes = Array(Self.whole.utf8)
        for count in stride(from: 0, to: bytes.count, by: 7) {
            _ = try? read(String(decoding: bytes[..<count], as: UTF8.self))
            var damaged = bytes
            damaged[count] = UInt8(truncatingIfNeeded: count &* 37)
            _ = try? read(String(decoding: damaged, as: UTF8.self))
        }
    }

    private func read(_ text: String, named name: String = "scan.csv") throws -> Dataset {
        let directory = FileManager.default.temporaryDirectory.appending(path: "scan-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let path = directory.appending(path: name)
        try Data(text.utf8).write(to: path)
        do throws(DatasetError) {
            return try Dataset(path: path.path)
        } catch {
            throw DatasetError(file: name, key: error.key, reason: error.reason)
        }
    }

    private func message(_ body: () throws -> Dataset) -> String {
        do {
            _ = try body()
            return "no error"
        } catch {
            return "\(error)"
        }
    }
}
