internal import Modbus
internal import Text

extension Dataset {
    /// The largest dataset file, in bytes: every register of a hundred units.
    package static let largestFile = 256 << 20

    /// Reads a dataset file: JSON, or a register scan in CSV, recognised by its name or its first line.
    ///
    /// - Throws: ``DatasetError``.
    package init(path: String) throws(DatasetError) {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try WholeFile.read(path, atMost: Self.largestFile, waits: true)
        } catch {
            throw DatasetError(file: path, key: nil, reason: error.reason)
        }
        if path.lowercased().hasSuffix(".csv") || RegisterScan.isBeginning(of: bytes) {
            self = try RegisterScan(bytes, file: path).dataset()
        } else {
            try self.init(json: bytes, file: path)
        }
    }

    /// Reads the text of a dataset file.
    ///
    /// - Parameter file: what errors call it.
    /// - Throws: ``DatasetError`` for anything that the format does not know.
    package init(json bytes: [UInt8], file: String) throws(DatasetError) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONReader.value(of: bytes)
        } catch {
            throw DatasetError(file: file, key: "line \(error.line), column \(error.column)", reason: error.reason)
        }
        self = try DatasetReader(file: file).dataset(value)
    }
}

/// Why a text is no dataset: which file, which key, and what is allowed there.
package struct DatasetError: Error, Hashable, Sendable, CustomStringConvertible {
    package let file: String
    /// A path such as `units.2.holding.30`, or a place such as `line 3, column 7`; nil: the file as a whole.
    package let key: String?
    package let reason: String

    package init(file: String, key: String?, reason: String) {
        self.file = file
        self.key = key
        self.reason = reason
    }

    package var description: String { [file, key, reason].compactMap { $0 }.joined(separator: ": ") }
}

private struct DatasetReader {
    let file: String

    func dataset(_ value: JSONValue) throws(DatasetError) -> Dataset {
        guard let members = value.members else { throw failure(nil, "expected an object, not \(value.summary)") }
        var dataset = Dataset(notes: members.filter(\.isNote))
        let own = members.filter { !$0.isNote && $0.key != "units" }
        if let units = members.first(where: { $0.key == "units" }) { dataset.units = try self.units(units.value) }
        if !own.isEmpty, dataset.units[1] != nil {
            throw failure("units.1", "unit 1 is at the top of the file already")
        }
        if !own.isEmpty || dataset.units.isEmpty { dataset.units[1] = try unit(own, at: "") }
        return dataset
    }

    private func units(_ value: JSONValue) throws(DatasetError) -> [UnitIdentifier: Dataset.Unit] {
        guard let members = value.members else { throw failure("units", "expected an object, not \(value.summary)") }
        var units: [UnitIdentifier: Dataset.Unit] = [:]
        for member in members {
            let path = "units.\(member.key)"
            guard let number = Self.number(member.key, in: 1...247) else {
                throw failure(path, "expected a unit from 1 to 247, in decimal digits")
            }
            guard let inner = member.value.members else {
                throw failure(path, "expected an object, not \(member.value.summary)")
            }
            units[UnitIdentifier(rawValue: UInt8(number))] = try unit(inner, at: "\(path).")
        }
        return units
    }

    /// - Parameter prefix: of the keys in errors.
    private func unit(_ members: [JSONValue.Member], at prefix: String) throws(DatasetError) -> Dataset.Unit {
        var unit = Dataset.Unit(notes: members.filter(\.isNote))
        for member in members where !member.isNote {
            let path = "\(prefix)\(member.key)"
            switch member.key {
            case "holding": unit.holding = try registers(member.value, at: path)
            case "input": unit.input = try registers(member.value, at: path)
            case "meter": unit.meter = try registers(member.value, at: path)
            default:
                let known = prefix.isEmpty ? "holding, input, meter, units" : "holding, input, meter"
                throw failure(path, "unknown key; expected \(known), or one that begins with _")
            }
        }
        return unit
    }

    private func registers(_ value: JSONValue, at path: String) throws(DatasetError) -> [UInt16: UInt16] {
        guard let members = value.members else { throw failure(path, "expected an object, not \(value.summary)") }
        var registers: [UInt16: UInt16] = [:]
        registers.reserveCapacity(members.count)
        for member in members {
            guard let address = Self.number(member.key, in: 0...65535) else {
                throw failure("\(path).\(member.key)", "expected an address from 0 to 65535, in decimal digits")
            }
            guard let number = member.value.integer, (-32768...65535).contains(number) else {
                throw failure(
                    "\(path).\(member.key)", "expected an integer from -32768 to 65535, not \(member.value.summary)")
            }
            registers[UInt16(address)] = UInt16(truncatingIfNeeded: number)
        }
        return registers
    }

    /// Plain decimal digits without leading zeros, so that each number has one spelling.
    private static func number(_ text: String, in range: ClosedRange<Int>) -> Int? {
        guard let number = Int(text), range.contains(number), text == "\(number)" else { return nil }
        return number
    }

    private func failure(_ key: String?, _ reason: String) -> DatasetError {
        DatasetError(file: file, key: key, reason: reason)
    }
}

extension JSONValue.Member {
    fileprivate var isNote: Bool { key.hasPrefix("_") }
}
