/// How much a unit lets itself be asked for at once.
///
/// Growatt orders its registers in groups, and a read must stay within one: `1124/1125` is such a boundary. The documents
/// from 2017 on (Protocol II V1.01, "max data length 125 words") have groups of 125; older inverters are asked for
/// 45 at most, in groups of 45, by the integrations that know them; no vendor document is known to say so.
package struct ReadLimits: Hashable, Sendable {
    /// The most registers in one read, 1–125.
    package var quantity: UInt16
    /// Reads must not go beyond a multiple of this address; nil: they may.
    package var group: UInt16?

    package init(quantity: UInt16, group: UInt16?) {
        self.quantity = quantity
        self.group = group
    }

    /// What Modbus allows.
    package static let none = ReadLimits(quantity: 125, group: nil)
    /// Older inverters, as integrations ask them.
    package static let groupsOf45 = ReadLimits(quantity: 45, group: 45)
    /// Inverters by Protocol II: TL-X, TL-XH, MAX, MIX, SPA, SPH.
    package static let groupsOf125 = ReadLimits(quantity: 125, group: 125)

    /// Reads `none`, `45` or `125`; nil: it is none of them.
    package init?(_ text: String) {
        switch text {
        case "none": self = .none
        case "45": self = .groupsOf45
        case "125": self = .groupsOf125
        default: return nil
        }
    }
}
