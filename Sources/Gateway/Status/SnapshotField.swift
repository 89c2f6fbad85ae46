internal import Broker
package import Text

/// A part of a snapshot: one JSON object, which is written and read by the same table.
package protocol SnapshotPart: Hashable, Sendable {
    /// Nothing is known of it.
    init()

    /// In the order of the JSON object.
    static var fields: [SnapshotField<Self>] { get }
}

extension SnapshotPart {
    /// The part as one JSON object.
    package var json: JSONValue { .object(Self.fields.map { .init($0.key, $0.write(self)) }) }

    /// Reads what a broker wrote. Members that are not in the table are ignored: a newer broker may tell more.
    ///
    /// - Parameter missing: gets the place of each member that is not there, as of an older broker, or is of another kind,
    ///   such as `lines[0].waiting`. Its value is nil, or the list is empty.
    package init(_ json: JSONValue, missing: inout [String]) {
        self.init(json, at: "", &missing)
    }

    /// Reads what a broker wrote, where a member that is missing counts as one without a value.
    package init(_ json: JSONValue) {
        var missing: [String] = []
        self.init(json, missing: &missing)
    }

    fileprivate init(_ json: JSONValue, at place: String, _ missing: inout [String]) {
        self.init()
        for field in Self.fields {
            let member = json.members?.first { $0.key == field.key }?.value
            field.read(&self, member, place + field.key, &missing)
        }
    }
}

/// A member of the JSON object of a part: its key, and how its value is written and read.
package struct SnapshotField<Root>: Sendable {
    let key: String
    let write: @Sendable (Root) -> JSONValue
    /// Takes the member, nil if it is not there, and its place, and adds that to the list if there is no value to read.
    let read: @Sendable (inout Root, JSONValue?, String, inout [String]) -> Void

    typealias Path<Value> = any WritableKeyPath<Root, Value> & Sendable

    /// A value; null where it is nil.
    static func value<Value>(_ key: String, _ path: Path<Value?>, _ kind: SnapshotKind<Value>) -> Self {
        Self(key: key, write: { $0[keyPath: path].map(kind.write) ?? .null }) { root, member, place, missing in
            root[keyPath: path] = member.flatMap(kind.read)
            if root[keyPath: path] == nil, member != .null { missing.append(place) }
        }
    }

    /// A list of texts.
    static func texts(_ key: String, _ path: Path<[String]>) -> Self {
        Self(key: key, write: { .array($0[keyPath: path].map { .string($0) }) }) { root, member, place, missing in
            guard case .array(let values)? = member else { return missing.append(place) }
            root[keyPath: path] = values.compactMap(\.string)
        }
    }

    /// A part that is always there.
    static func part<Part: SnapshotPart>(_ key: String, _ path: Path<Part>) -> Self {
        Self(key: key, write: { $0[keyPath: path].json }) { root, member, place, missing in
            guard let member, member.members != nil else { return missing.append(place) }
            root[keyPath: path] = Part(member, at: place + ".", &missing)
        }
    }

    /// A part that may be null.
    static func optionalPart<Part: SnapshotPart>(_ key: String, _ path: Path<Part?>) -> Self {
        Self(key: key, write: { $0[keyPath: path]?.json ?? .null }) { root, member, place, missing in
            guard member != .null else { return }
            guard let member, member.members != nil else { return missing.append(place) }
            root[keyPath: path] = Part(member, at: place + ".", &missing)
        }
    }

    /// A list of parts.
    static func parts<Part: SnapshotPart>(_ key: String, _ path: Path<[Part]>) -> Self {
        Self(key: key, write: { .array($0[keyPath: path].map(\.json)) }) { root, member, place, missing in
            guard case .array(let values)? = member else { return missing.append(place) }
            root[keyPath: path] = values.enumerated().map { Part($1, at: "\(place)[\($0)].", &missing) }
        }
    }

    /// The members of a part, among those of `Root` itself.
    static func members<Part: SnapshotPart>(of path: Path<Part>) -> [Self] {
        Part.fields.map { field in
            Self(key: field.key, write: { field.write($0[keyPath: path]) }) { root, member, place, missing in
                field.read(&root[keyPath: path], member, place, &missing)
            }
        }
    }
}

/// How a value of a snapshot stands in JSON.
struct SnapshotKind<Value>: Sendable {
    let write: @Sendable (Value) -> JSONValue
    /// nil: it is of another kind.
    let read: @Sendable (JSONValue) -> Value?
}

extension SnapshotKind<Int> {
    static var count: Self { Self(write: { .count($0) }, read: { $0.integer }) }
}

extension SnapshotKind<String> {
    static var text: Self { Self(write: { .string($0) }, read: { $0.string }) }
}

extension SnapshotKind<Duration> {
    /// To the millisecond.
    static var seconds: Self {
        Self(write: { .decimal($0.nanoseconds / 1_000_000) }, read: { $0.duration(ofThousandth: 1_000_000) })
    }

    /// To the microsecond.
    static var milliseconds: Self {
        Self(write: { .decimal($0.nanoseconds / 1000) }, read: { $0.duration(ofThousandth: 1000) })
    }
}

extension JSONValue {
    static func count(_ number: Int) -> JSONValue { .number("\(number)") }

    fileprivate static func decimal(_ thousandths: Int64) -> JSONValue { .number("\(Double(thousandths) / 1000)") }

    /// - Parameter nanoseconds: of a thousandth of the number's unit.
    fileprivate func duration(ofThousandth nanoseconds: Int64) -> Duration? {
        guard case .number(let text) = self, let number = Double(text), abs(number) < 1e9 else { return nil }
        return Duration(nanoseconds: Int64((number * 1000).rounded()) * nanoseconds)
    }
}
