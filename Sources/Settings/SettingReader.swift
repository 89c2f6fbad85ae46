/// Reads single settings from their texts. Each method returns nil where nothing was set.
struct SettingReader {
    let texts: [SettingKey: [String]]

    /// The last of several texts: a later flag overrides an earlier one.
    func text(_ key: SettingKey) -> String? { texts[key]?.last }

    func value<Value>(
        _ key: SettingKey, allowed: String, _ read: (String) -> Value?
    ) throws(SettingsError) -> Value? {
        guard let text = text(key) else { return nil }
        guard let value = read(text) else { throw .invalid(key, value: text, allowed: allowed) }
        return value
    }

    func number(_ key: SettingKey, in range: ClosedRange<Int>) throws(SettingsError) -> Int? {
        try value(key, allowed: range.text) { text in
            Int(digits: text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// What is read as a duration within `range`, whose bounds `words` tells.
    func duration(
        _ key: SettingKey, in range: ClosedRange<Duration>, _ words: String, or alternative: String = ""
    ) throws(SettingsError) -> Duration? {
        let allowed = "\(alternative)\(words), in seconds (0.5) or with a unit (500ms, 2s, 1m)"
        return try value(key, allowed: allowed) { text in
            Duration(text: text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    func format(_ key: SettingKey) throws(SettingsError) -> LineFormat? {
        try value(key, allowed: LineFormat.allowed) { LineFormat($0) }
    }

    /// `true` or `false`, which is what a flag without a value sets.
    func truth(_ key: SettingKey) throws(SettingsError) -> Bool? {
        try value(key, allowed: "true or false") { Bool($0) }
    }

    /// Addresses, repeated or separated by commas; empty for `-` or `none`, which stand alone.
    func addresses(_ key: SettingKey) throws(SettingsError) -> [HostPort]? {
        guard let texts = texts[key], !texts.isEmpty else { return nil }
        if texts.count == 1, texts[0] == "-" || texts[0].isNone { return [] }
        var addresses: [HostPort] = []
        for text in texts.flatMap({ $0.split(separator: ",", omittingEmptySubsequences: false) }) {
            guard let address = HostPort(String(text.drop { $0 == " " })) else {
                throw .invalid(key, value: String(text), allowed: "\(HostPort.allowed); or - or none, alone")
            }
            addresses.append(address)
        }
        return addresses
    }

    /// One address; `.some(nil)` for `-` or `none`.
    func address(_ key: SettingKey) throws(SettingsError) -> HostPort?? {
        try value(key, allowed: "\(HostPort.allowed); or - or none") { text -> HostPort?? in
            if text == "-" || text.isNone { return .some(nil) }
            return HostPort(text).map { .some($0) }
        }
    }
}

extension ClosedRange<Int> {
    /// Such as `50 to 4000000`.
    var text: String { "\(lowerBound) to \(upperBound)" }
}
