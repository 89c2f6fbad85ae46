/// Why settings cannot be used.
package enum SettingsError: Error, Hashable, Sendable {
    /// The value is none of the allowed ones.
    case invalid(SettingKey, value: String, allowed: String)
    /// The value has a meaning, but not in this version.
    case unsupported(SettingKey, value: String, supported: String)
}

extension SettingsError: CustomStringConvertible {
    /// One line that names the flag, the value and what is allowed.
    package var description: String {
        switch self {
        case .invalid(let key, let value, let allowed):
            "\(key.flag) \(value.debugDescription): expected \(allowed)"
        case .unsupported(let key, let value, let supported):
            "\(key.flag) \(value.debugDescription): not supported in this version, which expects \(supported)"
        }
    }
}
