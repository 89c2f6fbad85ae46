internal import Settings
internal import Text

/// A key of a rule that says more about a kind of fault, and how its value is read.
struct FaultSetting<Kind>: Sendable {
    let key: String
    /// Whether a rule without it is wrong.
    var isNeeded = false
    let read: @Sendable (inout Kind, YAMLReader) throws(YAMLError) -> Void

    typealias Path<Value> = any WritableKeyPath<Kind, Value> & Sendable

    /// A time, or a range from which each one is drawn; up to 24 h.
    static func range(_ key: String, _ path: Path<ClosedRange<Duration>>, isNeeded: Bool = false) -> Self {
        value(key, path, "a time such as 20ms, or a range 20ms-80ms, up to 24 h", isNeeded: isNeeded) {
            ClosedRange<Duration>(durations: $0)
        }
    }

    /// One time, up to 24 h.
    static func time(_ key: String, _ path: Path<Duration>, isNeeded: Bool = false) -> Self {
        value(key, path, "a time such as 20ms, up to 24 h", isNeeded: isNeeded) { text in
            text.contains("-") ? nil : ClosedRange<Duration>(durations: text)?.upperBound
        }
    }

    /// - Parameters:
    ///   - allowed: what an error says is expected.
    ///   - read: nil: it is none of what is allowed.
    static func value<Value>(
        _ key: String, _ path: Path<Value>, _ allowed: String, isNeeded: Bool = false,
        _ read: @escaping @Sendable (String) -> Value?
    ) -> Self {
        Self(key: key, isNeeded: isNeeded) { (kind, reader) throws(YAMLError) in
            kind[keyPath: path] = try reader.value(allowed, read)
        }
    }
}

extension ClosedRange<Duration> {
    /// `20ms` or `20ms-80ms`; up to a day.
    fileprivate init?(durations text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let low = Duration(text: String(parts[0])),
            let high = Duration(text: String(parts[parts.count - 1])), low <= high, high <= .seconds(86_400)
        else { return nil }
        self = low...high
    }
}
