/// Why settings cannot be used.
package enum SettingsError: Error, Hashable, Sendable {
    /// The value is none of the allowed ones.
    case invalid(SettingKey, value: String, allowed: String)
    /// The value has a meaning, but not in this version.
    case unsupported(SettingKey, value: String, supported: String)
    /// Two listeners at one address.
    case sameAddress(SettingKey, SettingKey, HostPort)
    /// `--mode replay` without `--recording`.
    case recordingMissing
}

extension SettingsError: CustomStringConvertible {
    /// One line that names the flag, the value and what is allowed.
    package var description: String {
        switch self {
        case .invalid(let key, let value, let allowed):
            "\(key.flag) \(value.debugDescription): expected \(allowed)"
        case .unsupported(let key, let value, let supported):
            "\(key.flag) \(value.debugDescription): not supported in this version, which expects \(supported)"
        case .sameAddress(let key, let other, let address) where key == other:
            "\(key.flag) \"\(address)\": given twice; expected a different address for each listener"
        case .sameAddress(let key, let other, let address):
            "\(key.flag) \"\(address)\": already used by \(other.flag); expected a different address for each listener"
        case .recordingMissing:
            "--recording is missing; expected a wire log or a capture, as in "
                + "`growatt-broker run --mode replay --recording wire.jsonl`"
        }
    }
}
