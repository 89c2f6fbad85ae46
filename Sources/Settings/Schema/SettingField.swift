/// A key of a mapping in the configuration: how its value is read and written, and what the schema says of it.
struct SettingField<Root>: Sendable {
    let key: String
    /// For the schema and the reference, without a full stop.
    let summary: String
    let schema: JSONSchema
    let read: @Sendable (inout Root, YAMLReader) throws(YAMLError) -> Void
    /// What would be read as this value again; nil: it is not there.
    let written: @Sendable (Root) -> YAMLNode?
    /// Whether a key without a value is wrong; else it keeps the default.
    var isRefusedEmpty = false

    typealias Path<Value> = any WritableKeyPath<Root, Value> & Sendable

    static func value<Value>(
        _ key: String, _ path: Path<Value>, _ kind: ValueKind<Value>, _ summary: String
    ) -> Self {
        Self(
            key: key, summary: summary, schema: kind.schema,
            read: { (root, reader) throws(YAMLError) in root[keyPath: path] = try reader.value(kind) },
            written: { YAMLNode(default: kind.text($0[keyPath: path])) })
    }

    /// A value that need not be there.
    static func optional<Value>(
        _ key: String, _ path: Path<Value?>, _ kind: ValueKind<Value>, _ summary: String
    ) -> Self {
        Self(
            key: key, summary: summary, schema: kind.schema,
            read: { (root, reader) throws(YAMLError) in root[keyPath: path] = try reader.value(kind) },
            written: { $0[keyPath: path].map { YAMLNode(default: kind.text($0)) } })
    }

    /// A list of values; one alone may stand without brackets.
    static func list<Value>(
        _ key: String, _ path: Path<[Value]>, _ kind: ValueKind<Value>, _ summary: String
    ) -> Self {
        Self(
            key: key, summary: summary, schema: .anyOf([kind.schema, .list(kind.schema)]),
            read: { (root, reader) throws(YAMLError) in
                var values: [Value] = []
                var faults = YAMLFaults()
                for element in try reader.elementsOrOne() {
                    faults.attempt { () throws(YAMLError) in values.append(try element.value(kind)) }
                }
                try faults.check()
                root[keyPath: path] = values
            },
            written: { root in
                YAMLNode(defaults: root[keyPath: path].map { YAMLNode(default: kind.text($0)) })
            })
    }

    /// The same key, written only where it has a meaning.
    func written(if isMeant: @escaping @Sendable (Root) -> Bool) -> Self {
        let written = written
        return Self(
            key: key, summary: summary, schema: schema, read: read, written: { isMeant($0) ? written($0) : nil },
            isRefusedEmpty: isRefusedEmpty)
    }

    /// A mapping that is always there.
    static func section<Part>(
        _ key: String, _ path: Path<Part>, _ fields: [SettingField<Part>], _ summary: String
    ) -> Self {
        Self(
            key: key, summary: summary, schema: .mapping(fields.properties()),
            read: { (root, reader) throws(YAMLError) in try reader.read(fields, into: &root[keyPath: path]) },
            written: { YAMLNode(fields.entries(of: $0[keyPath: path])) })
    }

    /// A mapping that need not be there.
    ///
    /// - Parameter check: throws what is wrong with it as a whole.
    static func optionalSection<Part>(
        _ key: String, _ path: Path<Part?>, _ fields: [SettingField<Part>], new: Part, _ summary: String,
        check: @escaping @Sendable (Part, YAMLReader) throws(YAMLError) -> Void = { _, _ in }
    ) -> Self where Part: Sendable {
        Self(
            key: key, summary: summary, schema: .mapping(fields.properties()),
            read: { (root, reader) throws(YAMLError) in
                var part = new
                try reader.read(fields, into: &part)
                try check(part, reader)
                root[keyPath: path] = part
            },
            written: { $0[keyPath: path].map { YAMLNode(fields.entries(of: $0)) } })
    }

    /// A list of mappings.
    static func sections<Part>(
        _ key: String, _ path: Path<[Part]>, _ fields: [SettingField<Part>], new: Part, _ summary: String,
        check: @escaping @Sendable (Part, YAMLReader) throws(YAMLError) -> Void = { _, _ in }
    ) -> Self where Part: Sendable {
        Self(
            key: key, summary: summary, schema: .list(.mapping(fields.properties())),
            read: { (root, reader) throws(YAMLError) in
                var parts: [Part] = []
                var faults = YAMLFaults()
                for element in try reader.elements() {
                    faults.attempt { () throws(YAMLError) in
                        var part = new
                        try element.read(fields, into: &part)
                        try check(part, element)
                        parts.append(part)
                    }
                }
                try faults.check()
                root[keyPath: path] = parts
            },
            written: { root in
                YAMLNode(defaults: root[keyPath: path].map { YAMLNode(fields.entries(of: $0)) })
            })
    }
}

extension Array {
    /// What would be read as these values of `root` again.
    func entries<Root>(of root: Root) -> [YAMLNode.Entry] where Element == SettingField<Root> {
        compactMap { field in field.written(root).map { YAMLNode.Entry(field.key, $0) } }
    }

    func properties<Root>() -> [JSONSchema.Property] where Element == SettingField<Root> {
        map { .init(key: $0.key, summary: $0.summary, schema: $0.schema) }
    }
}

extension Array {
    /// The same keys, in the mapping of `Root` itself.
    func at<Root, Part>(_ path: any WritableKeyPath<Root, Part> & Sendable) -> [SettingField<Root>]
    where Element == SettingField<Part> {
        map { field in
            SettingField<Root>(
                key: field.key, summary: field.summary, schema: field.schema,
                read: { (root, reader) throws(YAMLError) in try field.read(&root[keyPath: path], reader) },
                written: { field.written($0[keyPath: path]) }, isRefusedEmpty: field.isRefusedEmpty)
        }
    }
}
