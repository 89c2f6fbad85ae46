internal import Modbus
package import Text

extension Dataset {
    /// The text of a dataset file, always the same for the same dataset: notes, tables by ascending address, then units.
    package var json: [UInt8] {
        var members = notes
        var others = units
        // Notes of its own would be taken for the file's, at its top.
        if let first = units[1], first.notes.isEmpty {
            members += first.tables
            others[1] = nil
        }
        if !others.isEmpty || units.isEmpty {
            let objects = others.sorted { $0.key < $1.key }.map { unit, content in
                JSONValue.Member("\(unit)", .object(content.notes + content.tables))
            }
            members.append(.init("units", .object(objects)))
        }
        var bytes: [UInt8] = []
        JSONValue.object(members).append(to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    /// Writes a dataset file, whole or not at all.
    ///
    /// - Parameter replacing: whether a file that exists may be replaced.
    /// - Throws: ``FileError`` if it cannot be written.
    package func write(to path: String, replacing: Bool = true) throws(FileError) {
        try WholeFile.write(json, to: path, replacing: replacing)
    }
}

extension Dataset.Unit {
    fileprivate var tables: [JSONValue.Member] {
        var tables = [Self.member("holding", holding), Self.member("input", input)]
        if !meter.isEmpty { tables.append(Self.member("meter", meter)) }
        return tables
    }

    private static func member(_ key: String, _ registers: [UInt16: UInt16]) -> JSONValue.Member {
        let members = registers.sorted { $0.key < $1.key }.map { address, value in
            JSONValue.Member("\(address)", .number("\(value)"))
        }
        return .init(key, .object(members))
    }
}
