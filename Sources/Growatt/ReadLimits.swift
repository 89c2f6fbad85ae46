/// How much a unit lets itself be asked for at once, by the words of the configuration and the command line.
///
/// Growatt orders its registers in groups, and a read must stay within one: `1124/1125` is such a boundary. The documents
/// from 2017 on (Protocol II V1.01, "max data length 125 words") have groups of 125; older inverters are asked for
/// 45 at most, in groups of 45, by the integrations that know them; no vendor document is known to say so.
package enum ReadLimits: String, CaseIterable, Hashable, Sendable {
    /// What Modbus allows.
    case none
    /// Older inverters, as integrations ask them.
    case groupsOf45 = "45"
    /// Inverters by Protocol II: TL-X, TL-XH, MAX, MIX, SPA, SPH.
    case groupsOf125 = "125"

    /// The most registers in one read, 1–125.
    package var quantity: UInt16 { group ?? 125 }

    /// Reads must not go beyond a multiple of this address; nil: they may.
    package var group: UInt16? {
        switch self {
        case .none: nil
        case .groupsOf45: 45
        case .groupsOf125: 125
        }
    }
}
