internal import CYAML

/// Reads a YAML file by libyaml's events, which carry line and column.
///
/// Aliases, tags, keys that are no text and a second document are refused: a configuration needs none of them, and aliases
/// can make a short text into a huge one.
package struct YAMLParser: ~Copyable {
    /// In bytes.
    package static let largestFile = 1_000_000
    private static let deepest = 32

    private let file: String
    /// On the heap, because libyaml keeps its address.
    private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)

    /// Reads the text of a file; an empty one is an empty scalar.
    ///
    /// - Parameter file: what errors call it.
    /// - Throws: ``YAMLError``.
    package static func node(of bytes: [UInt8], file: String) throws(YAMLError) -> YAMLNode {
        guard bytes.count <= largestFile else {
            throw YAMLError(file: file, place: nil, reason: "has more than \(largestFile) bytes")
        }
        let parser = try YAMLParser(file: file)
        return try parser.document(bytes)
    }

    private init(file: String) throws(YAMLError) {
        self.file = file
        parser.initialize(to: yaml_parser_t())
        guard yaml_parser_initialize(parser) == 1 else {
            throw YAMLError(file: file, place: nil, reason: "no memory to read it")
        }
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    private func document(_ bytes: [UInt8]) throws(YAMLError) -> YAMLNode {
        let result: Result<YAMLNode, YAMLError> = bytes.withUnsafeBufferPointer { buffer in
            yaml_parser_set_input_string(parser, buffer.baseAddress, buffer.count)
            return Result { () throws(YAMLError) in try document() }
        }
        return try result.get()
    }

    private func document() throws(YAMLError) -> YAMLNode {
        var event = try next()
        while event.kind == .other { event = try next() }
        guard event.kind != .streamEnd else {
            return YAMLNode(content: .scalar("", isPlain: true), place: event.place)
        }
        let node = try self.node(event, depth: 0)
        repeat { event = try next() } while event.kind == .other && !event.startsDocument
        guard event.kind == .streamEnd else { throw failure("a second document; expected one", event) }
        return node
    }

    private func node(_ event: Event, depth: Int) throws(YAMLError) -> YAMLNode {
        guard depth <= Self.deepest else {
            throw failure("more than \(Self.deepest) lists and mappings within each other", event)
        }
        if event.hasTag { throw failure("tags such as !x are not supported", event) }
        if event.hasAnchor { throw failure("anchors such as &x are not supported; write the value out", event) }
        switch event.kind {
        case .scalar(let text, let isPlain):
            return YAMLNode(content: .scalar(text, isPlain: isPlain), place: event.place)
        case .sequenceStart: return YAMLNode(content: .sequence(try elements(depth: depth)), place: event.place)
        case .mappingStart: return YAMLNode(content: .mapping(try entries(depth: depth)), place: event.place)
        case .alias: throw failure("aliases such as *x are not supported; write the value out", event)
        default: throw failure("expected a value", event)
        }
    }

    private func elements(depth: Int) throws(YAMLError) -> [YAMLNode] {
        var nodes: [YAMLNode] = []
        while true {
            let event = try next()
            if event.kind == .sequenceEnd { return nodes }
            nodes.append(try node(event, depth: depth + 1))
        }
    }

    private func entries(depth: Int) throws(YAMLError) -> [YAMLNode.Entry] {
        var entries: [YAMLNode.Entry] = []
        var keys: [String: YAMLNode.Place] = [:]
        while true {
            let event = try next()
            if event.kind == .mappingEnd { return entries }
            guard case .scalar(let key, _) = event.kind, !event.hasTag, !event.hasAnchor else {
                throw failure("expected a key that is a plain text", event)
            }
            if let first = keys.updateValue(event.place, forKey: key) {
                throw failure("key \(key.debugDescription) is there twice, first in line \(first.line)", event)
            }
            let value = try node(try next(), depth: depth + 1)
            entries.append(.init(key: key, keyPlace: event.place, value: value))
        }
    }

    private func failure(_ reason: String, _ event: Event) -> YAMLError {
        YAMLError(file: file, place: event.place, reason: reason)
    }
}

extension YAMLParser {
    /// What libyaml reports, copied out of its memory.
    private struct Event {
        enum Kind: Equatable {
            case scalar(String, isPlain: Bool)
            case sequenceStart, sequenceEnd, mappingStart, mappingEnd, alias, streamEnd
            /// Of no meaning for the value: the start of the stream, the start or end of a document.
            case other
        }

        var kind = Kind.other
        var place: YAMLNode.Place
        var hasTag = false
        var hasAnchor = false
        var startsDocument = false

        init(_ event: yaml_event_t) {
            place = YAMLNode.Place(event.start_mark)
            switch event.type {
            case YAML_SCALAR_EVENT:
                let scalar = event.data.scalar
                let text = String(
                    decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
                kind = .scalar(text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
                (hasTag, hasAnchor) = (scalar.tag != nil, scalar.anchor != nil)
            case YAML_SEQUENCE_START_EVENT:
                kind = .sequenceStart
                (hasTag, hasAnchor) = (event.data.sequence_start.tag != nil, event.data.sequence_start.anchor != nil)
            case YAML_MAPPING_START_EVENT:
                kind = .mappingStart
                (hasTag, hasAnchor) = (event.data.mapping_start.tag != nil, event.data.mapping_start.anchor != nil)
            case YAML_SEQUENCE_END_EVENT: kind = .sequenceEnd
            case YAML_MAPPING_END_EVENT: kind = .mappingEnd
            case YAML_ALIAS_EVENT: kind = .alias
            case YAML_STREAM_END_EVENT: kind = .streamEnd
            default: startsDocument = event.type == YAML_DOCUMENT_START_EVENT
            }
        }
    }

    private func next() throws(YAMLError) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw problem }
        defer { yaml_event_delete(&event) }
        return Event(event)
    }

    /// What libyaml says is wrong.
    private var problem: YAMLError {
        let text = parser.pointee.problem.map { String(cString: $0) } ?? "no memory to read it"
        let context = parser.pointee.context.map { " \(String(cString: $0))" } ?? ""
        // A byte that is no UTF-8 is found before there are lines.
        let isEarly = parser.pointee.error == YAML_READER_ERROR
        return YAMLError(
            file: file, place: isEarly ? nil : .init(parser.pointee.problem_mark),
            reason: "no YAML: \(text)\(context)\(isEarly ? ", at byte \(parser.pointee.problem_offset)" : "")")
    }
}

extension YAMLNode.Place {
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }
}
