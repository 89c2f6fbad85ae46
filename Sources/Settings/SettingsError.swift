/// Why settings cannot be used.
package enum SettingsError: Error, Hashable, Sendable {
    /// The value is none of the allowed ones.
    case invalid(SettingKey, value: String, allowed: String)
    /// The value has a meaning, but not in this version.
    case unsupported(SettingKey, value: String, supported: String)
    /// Two listeners at one address.
    case sameAddress(SettingKey, SettingKey, HostPort)
    /// A gateway needs an inverter.
    case inverterMissing
    /// `--mode dataset` without `--dataset`.
    case datasetMissing
    /// `--mode replay` without `--recording`.
    case recordingMissing
    /// `capture` of a live line without `--poll` and without anybody who asks.
    case pollMissing
    /// A flag that means nothing in this mode.
    case otherMode(SettingKey, SourceMode)
    /// Neither a TCP listener nor a dongle: nobody could ask.
    case noListener
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
        case .inverterMissing:
            "--inverter is missing; expected the device of the inverter's line, as in "
                + "`growatt-broker --inverter /dev/ttyUSB0`; to try it without hardware: `growatt-broker demo`"
        case .datasetMissing:
            "--dataset is missing; expected a file, or the name of a shipped dataset, as in "
                + "`growatt-broker run --mode dataset --dataset min-6000tl-xh`"
        case .recordingMissing:
            "--recording is missing; expected a wire log or a capture, as in "
                + "`growatt-broker run --mode replay --recording wire.jsonl`"
        case .pollMissing:
            "--poll is missing; expected what to read, as in `--poll input:3000-3124`, or --tcp, --tcp-alt or --shine "
                + "for clients that ask"
        case .otherMode(let key, let mode):
            "\(key.flag) has no meaning in mode \(mode.rawValue)"
        case .noListener:
            "--tcp none without --tcp-alt, --shine or --pty leaves nobody who could ask; expected at least one of them"
        }
    }
}
