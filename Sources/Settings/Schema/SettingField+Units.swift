internal import Text

extension SettingField {
    /// Units by their numbers: `{11: 1}`, or `[1, 2]` for those that keep theirs.
    static func units(_ key: String, _ path: Path<[UnitNumber]?>, _ summary: String) -> Self {
        let number = ValueKind<UInt8>.unitOrZero
        return Self(
            key: key, summary: summary,
            schema: .anyOf([number.schema, .list(number.schema), .table(number.schema)]),
            read: { (root, reader) throws(YAMLError) in
                // Nothing would mean all units, which nobody has written who began to write some.
                guard !reader.node.isEmpty else {
                    throw reader.error("is empty; write the units, or leave the key out")
                }
                root[keyPath: path] = try reader.units(number)
            },
            written: { root in
                guard let units = root[keyPath: path] else { return nil }
                guard units.contains(where: { $0.asked != $0.own }) else {
                    return YAMLNode(defaults: units.map { YAMLNode(default: number.text($0.own)) })
                }
                return YAMLNode(units.map { .init(number.text($0.asked), YAMLNode(default: number.text($0.own))) })
            }, isRefusedEmpty: true)
    }
}

extension SettingField {
    /// A number for each of some units: `{2: 25}`; default none.
    static func byUnit(_ key: String, _ path: Path<[UInt8: Int]>, _ kind: ValueKind<Int>, _ summary: String) -> Self {
        let number = ValueKind<UInt8>.unit
        return Self(
            key: key, summary: summary, schema: .table(kind.schema),
            read: { (root, reader) throws(YAMLError) in
                guard case .mapping(let entries) = reader.node.content, !entries.isEmpty else {
                    throw reader.error("expected a number for each unit, as in `\(key): {2: 25}`")
                }
                root[keyPath: path] = [:]
                var faults = YAMLFaults()
                for entry in entries {
                    faults.attempt { () throws(YAMLError) in
                        let value = reader.value(of: entry)
                        root[keyPath: path][try reader.key(of: entry, number)] = try value.value(kind)
                    }
                }
                try faults.check()
            },
            written: { root in
                let values = root[keyPath: path].sorted { $0.key < $1.key }
                guard !values.isEmpty else { return nil }
                return YAMLNode(values.map { .init(number.text($0.key), YAMLNode(default: kind.text($0.value))) })
            }, isRefusedEmpty: true)
    }
}

extension ValueKind<UInt8> {
    static let unit = unit(1...255)

    /// 0 is also allowed: the broadcast number, which some boxes have as their own.
    static let unitOrZero = unit(0...255)

    private static func unit(_ range: ClosedRange<Int>) -> Self {
        Self(
            allowed: "the number of a unit, \(range.text)", schema: .integer(range),
            read: { text in Int(digits: text).flatMap { range.contains($0) ? UInt8($0) : nil } }, text: { "\($0)" })
    }
}

extension YAMLReader {
    fileprivate func key(of entry: YAMLNode.Entry, _ kind: ValueKind<UInt8>) throws(YAMLError) -> UInt8 {
        let key = YAMLNode(content: .scalar(entry.key, isPlain: false), place: entry.keyPlace)
        return try YAMLReader(key, file: file, path: path).value(kind)
    }

    fileprivate func value(of entry: YAMLNode.Entry) -> YAMLReader {
        YAMLReader(entry.value, file: file, path: "\(path).\(entry.key)")
    }

    fileprivate func units(_ kind: ValueKind<UInt8>) throws(YAMLError) -> [UnitNumber] {
        var units: [UnitNumber] = []
        var faults = YAMLFaults()
        func add(_ asked: UInt8, _ own: UInt8, _ place: YAMLReader) throws(YAMLError) {
            guard !units.contains(where: { $0.asked == asked }) else {
                throw place.error("unit \(asked) is there twice; expected each number once")
            }
            units.append(UnitNumber(asked: asked, own: own))
        }
        guard case .mapping(let entries) = node.content else {
            for element in try elementsOrOne() {
                faults.attempt { () throws(YAMLError) in
                    let unit = try element.value(kind)
                    try add(unit, unit, element)
                }
            }
            try faults.check()
            return units
        }
        for entry in entries {
            faults.attempt { () throws(YAMLError) in
                let value = value(of: entry)
                try add(try key(of: entry, kind), try value.value(kind), value)
            }
        }
        try faults.check()
        return units
    }
}
