internal import Endpoints
internal import Text

/// A kind of value: what is allowed, and how its text is read and written.
///
/// Flags, variables and the configuration file share it, and so does the schema for editors.
struct ValueKind<Value: Sendable>: Sendable {
    /// What an error says was expected, such as `0 to 10`.
    let allowed: String
    let schema: JSONSchema
    /// nil: the text is none.
    let read: @Sendable (String) -> Value?
    /// What ``read`` takes.
    let text: @Sendable (Value) -> String
    /// What was probably meant by a text that is none; nil: nobody knows.
    var meant: @Sendable (String) -> String? = { _ in nil }
    /// What is wrong with a text that is none, where ``allowed`` alone does not show it.
    var fault: @Sendable (String) -> String? = { _ in nil }
}

extension ValueKind<Int> {
    static func number(_ range: ClosedRange<Int>) -> Self {
        Self(
            allowed: range.text, schema: .integer(range),
            read: { Int(digits: $0).flatMap { range.contains($0) ? $0 : nil } }, text: { "\($0)" })
    }

    /// Bytes, with K, M or G.
    static let bytes = Self(
        allowed: ByteCount.allowed,
        schema: .anyOf([.integer(0...1_000_000_000_000), .text(pattern: "^[0-9]+[KMGkmg]$")]),
        read: { ByteCount($0)?.bytes }, text: { "\($0)" })
}

extension ValueKind<UInt64> {
    static let seed = Self(
        allowed: "0 to \(UInt64.max)", schema: .integer(0...Int.max), read: { UInt64($0) }, text: { "\($0)" })
}

extension ValueKind<Double> {
    /// A factor in plain decimals.
    static func factor(_ range: ClosedRange<Double>, _ allowed: String) -> Self {
        Self(
            allowed: allowed, schema: .number,
            read: { Double(plain: $0).flatMap { range.contains($0) ? $0 : nil } }, text: { "\($0)" })
    }
}

extension ValueKind<Bool> {
    static let truth = Self(allowed: "true or false", schema: .boolean, read: { Bool($0) }, text: { "\($0)" })
}

extension ValueKind<Duration> {
    /// - Parameter words: the range as a reader of an error understands it.
    static func duration(_ range: ClosedRange<Duration>, _ words: String) -> Self {
        Self(
            allowed: "\(words), in seconds (0.5) or with a unit (500ms, 2s, 1m)", schema: .duration,
            read: { Duration(text: $0).flatMap { range.contains($0) ? $0 : nil } }, text: { $0.secondsText })
    }
}

extension ValueKind<String> {
    /// Any text but none.
    static func text(_ allowed: String) -> Self {
        Self(allowed: allowed, schema: .text(), read: { $0.isEmpty ? nil : $0 }, text: { $0 })
    }
}

extension ValueKind where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of the words.
    static var word: Self {
        let words = Value.allCases.map(\.rawValue)
        return Self(
            allowed: words.dropLast().joined(separator: ", ") + " or " + (words.last ?? ""), schema: .words(words),
            read: { Value(rawValue: $0) }, text: { $0.rawValue })
    }
}

extension ValueKind<LineFormat> {
    static let format = Self(
        allowed: LineFormat.allowed, schema: .text(pattern: "^[78][NEOneo][12]$"), read: { LineFormat($0) },
        text: { $0.description })
}

extension ValueKind<HostPort> {
    static let address = Self(
        allowed: HostPort.allowed, schema: .text(pattern: ":[0-9]+$"), read: { HostPort($0) },
        text: { $0.description })
}

extension JSONSchema {
    /// Seconds, or a number with a unit.
    static let duration = JSONSchema.anyOf([.number, .text(pattern: "^[0-9]*\\.?[0-9]*(ms|s|m|h)?$")])
}

extension Double {
    /// A number in plain decimals.
    init?(plain text: String) {
        guard text.utf8.allSatisfy({ "0123456789.".utf8.contains($0) }) else { return nil }
        self.init(text)
    }
}

extension ValueKind<NetworkBlock> {
    static let network = Self(
        allowed: NetworkBlock.allowed, schema: .text(pattern: "^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$"),
        read: { NetworkBlock($0) }, text: { $0.description }, meant: { NetworkBlock.meant($0)?.description })
}

extension ClosedRange<Int> {
    /// Such as `50 to 4000000`.
    var text: String { "\(lowerBound) to \(upperBound)" }
}
