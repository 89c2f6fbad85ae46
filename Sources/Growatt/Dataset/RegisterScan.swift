internal import Modbus
internal import Text

/// The register scan that the Home Assistant integration Growatt_ModbusTCP writes as CSV: some lines about the device,
/// then a line for each register, also for those that could not be read.
///
/// Plain registers are input registers; `H30` is a holding register, and so are all registers below a title with *Holding*.
/// Source: the action `export_register_dump` of the integration, in its first versions and in 2.0.
struct RegisterScan {
    /// The largest one, in bytes: both tables in full.
    static let largestFile = 16 << 20

    /// Whether a text begins as a scan. The file's name may show it, too.
    static func isBeginning(of bytes: [UInt8]) -> Bool {
        let beginning = CSVRows.withoutMark(bytes).drop { $0 == UInt8(ascii: "\"") }
        return ["SCAN METADATA", "Register Address"].contains { beginning.starts(with: $0.utf8) }
    }

    private let file: String
    private let rows: [CSVRows.Row]
    private let columns: Columns
    /// An off-grid scan has no input registers: the holding registers are written in their place.
    private let isOffGrid: Bool

    /// The positions of the fields in a line.
    private struct Columns {
        /// The row that names them.
        let row: Int
        let value: Int

        init?(_ rows: [CSVRows.Row]) {
            for (index, row) in rows.enumerated() where ["Register", "Register Address"].contains(row[0]) {
                guard let value = row.fields.firstIndex(of: "Raw Value") else { continue }
                self.row = index
                self.value = value
                return
            }
            return nil
        }
    }

    /// - Throws: ``DatasetError`` for a text that is no scan.
    init(_ bytes: [UInt8], file: String) throws(DatasetError) {
        guard bytes.count <= Self.largestFile else {
            throw DatasetError(file: file, key: nil, reason: "a register scan has at most \(Self.largestFile) bytes")
        }
        self.file = file
        for separator in [",", ";", "\t"].map(UInt8.init(ascii:)) {
            let rows: [CSVRows.Row]
            do throws(CSVRows.OpenQuotation) {
                rows = try CSVRows.all(of: bytes, separator: separator)
            } catch {
                throw DatasetError(
                    file: file, key: "line \(error.line)", reason: "a quotation mark that nothing closes")
            }
            guard let columns = Columns(rows) else { continue }
            self.rows = rows
            self.columns = columns
            let titles = rows.filter { $0[0].contains("OffGrid Holding") }
            isOffGrid = !titles.isEmpty && !titles.contains { $0[0].hasPrefix("---") }
            return
        }
        throw DatasetError(
            file: file, key: nil,
            reason: "no line with the columns Register and Raw Value; expected a register scan of Growatt_ModbusTCP")
    }

    /// - Throws: ``DatasetError`` for a wrong line.
    func dataset() throws(DatasetError) -> Dataset {
        var unit = Dataset.Unit()
        var belowHolding = isOffGrid
        for row in rows[(columns.row + 1)...] {
            if row[0].hasPrefix("---") { belowHolding = isOffGrid || row[0].contains("Holding") }
            guard let register = try register(row) else { continue }
            guard let value = try value(row) else { continue }
            if register.isHolding || belowHolding {
                unit.holding[register.address] = value
            } else {
                unit.input[register.address] = value
            }
        }
        var dataset = Dataset(units: [try unitNumber(): unit], notes: notes)
        dataset.saysWhatIsMissing = true
        return dataset
    }

    /// nil: a title, or a line about the device.
    private func register(_ row: CSVRows.Row) throws(DatasetError) -> (isHolding: Bool, address: UInt16)? {
        let text = row[0]
        let isHolding = text.hasPrefix("H")
        let digits = isHolding ? text.dropFirst() : text[...]
        let isRegister = row[1].lowercased().hasPrefix("0x") || digits.first?.isNumber ?? false
        guard isRegister else { return nil }
        guard let address = UInt16(digits), digits.allSatisfy(\.isNumber) else {
            throw failure(row, "register", text, "0 to 65535, with H before it for a holding register")
        }
        guard row[1].isEmpty || UInt16(row[1].dropFirst(2), radix: 16) == address else {
            throw failure(row, "Hex of register \(text)", row[1], "the same number, 0x\(String(address, radix: 16))")
        }
        return (isHolding, address)
    }

    /// nil: the scanner could not read it.
    private func value(_ row: CSVRows.Row) throws(DatasetError) -> UInt16? {
        let text = row[columns.value]
        guard !text.isEmpty else { return nil }
        guard let value = UInt16(text) else {
            throw failure(row, "Raw Value of register \(row[0])", text, "0 to 65535, or nothing if it was not read")
        }
        return value
    }

    private func unitNumber() throws(DatasetError) -> UnitIdentifier {
        guard let row = row(about: "Slave ID") else { return 1 }
        guard let number = UInt8(row[1]), (1...247).contains(number) else {
            throw failure(row, "Slave ID", row[1], "1 to 247")
        }
        return UnitIdentifier(rawValue: number)
    }

    private var notes: [JSONValue.Member] {
        let version = row(about: "Integration Version").map { " \($0[1])" } ?? ""
        var notes = [JSONValue.Member("_source", .string("register scan of Growatt_ModbusTCP\(version)"))]
        if let family { notes.append(.init("_family", .string(family))) }
        let rows = ["_captured": "Timestamp", "_firmware": "Firmware Version", "_model": "Detected Model"]
        for (key, name) in rows.sorted(by: { $0.key < $1.key }) {
            if let row = row(about: name) { notes.append(.init(key, .string(row[1].quotedBriefly))) }
        }
        return notes
    }

    /// The registers alone would take an SPH for a MIN: it has some from 3000 on, too.
    private var family: String? {
        guard let key = row(about: "Suggested Profile Key")?[1] else { return nil }
        return key.hasPrefix("sph") || key.hasPrefix("spa") ? "storage" : nil
    }

    /// A line such as `Slave ID,1`. The first one counts: values that the integration shows come later.
    private func row(about name: String) -> CSVRows.Row? {
        rows.first { $0[0] == name && !$0[1].isEmpty }
    }

    private func failure(
        _ row: CSVRows.Row, _ what: String, _ value: String, _ allowed: String
    ) -> DatasetError {
        let found = value.quotedBriefly.debugDescription
        return DatasetError(
            file: file, key: "line \(row.line)", reason: "\(what): expected \(allowed), not \(found)")
    }
}
