extension YAMLReader {
    /// The text of a flag.
    init(flag: String, _ text: String) {
        self.init(YAMLNode(text: text, origin: flag), file: "")
    }

    /// Reads what is there of the fields, in their order.
    ///
    /// - Throws: ``YAMLError`` for all unknown keys, and all values that are none of the allowed ones.
    func read<Root>(_ fields: [SettingField<Root>], into root: inout Root) throws(YAMLError) {
        let (readers, unknown) = try knownFields(fields.map(\.key))
        var faults = unknown
        for field in fields {
            guard let reader = readers[field.key], !reader.node.isEmpty || field.isRefusedEmpty else { continue }
            faults.attempt { () throws(YAMLError) in try field.read(&root, reader) }
        }
        try faults.check()
    }

    func value<Value>(_ kind: ValueKind<Value>) throws(YAMLError) -> Value {
        guard case .scalar(let text, _) = node.content else { throw refusal(kind.allowed) }
        if let value = kind.read(text) { return value }
        throw refusal(kind.allowed, meant: kind.meant(text), fault: kind.fault(text))
    }

    /// The values of a list, or the one value.
    func elementsOrOne() throws(YAMLError) -> [YAMLReader] {
        guard case .scalar = node.content else { return try elements() }
        return [self]
    }
}
