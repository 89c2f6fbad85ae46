internal import Glibc

/// Who may open a virtual port: owner, group and mode of its node.
package struct PseudoTerminalAccess: Hashable, Sendable {
    /// The name or number of a user; nil: as the system makes it, that of this process.
    package var owner: String?
    /// The name or number of a group; nil: as the system makes it, mostly `tty`.
    package var group: String?
    /// Permission bits, 0 to 0o777.
    package var mode: Int

    package init(owner: String? = nil, group: String? = nil, mode: Int = 0o660) {
        self.owner = owner
        self.group = group
        self.mode = mode
    }

    /// Looks up the names, which can take long where they come from a server.
    ///
    /// - Parameter path: what an error names.
    /// - Throws: `accessRefused` where there is no such user or group, or the mode is out of range.
    package func resolved(for path: String) throws(SerialLineError) -> NodeAccess {
        guard (0...0o777).contains(mode) else {
            let value = (mode < 0 ? "-" : "") + String(mode.magnitude, radix: 8)
            throw .accessRefused(path: path, setting: "mode", value: value, reason: "allowed is 0 to 777 (octal)")
        }
        return NodeAccess(
            path: path,
            owner: try owner.map { name throws(SerialLineError) in
                guard let number = Account.userNumber(name) else {
                    throw .accessRefused(path: path, setting: "owner", value: name, reason: "there is no such user")
                }
                return .init(name: name, number: number)
            },
            group: try group.map { name throws(SerialLineError) in
                guard let number = Account.groupNumber(name) else {
                    throw .accessRefused(path: path, setting: "group", value: name, reason: "there is no such group")
                }
                return .init(name: name, number: number)
            },
            mode: mode)
    }
}

/// A ``PseudoTerminalAccess`` whose names have been looked up.
package struct NodeAccess: Sendable {
    struct Named {
        let name: String
        let number: UInt32
    }

    /// What an error names.
    let path: String
    let owner: Named?
    let group: Named?
    let mode: Int

    /// - Parameter asMade: what a node without an owner or a group gets, also after it had another one.
    /// - Throws: `accessRefused` where this process may not give the node away.
    func apply(to descriptor: Int32, _ asMade: NodeOwnership) throws(SerialLineError) {
        let owner = owner ?? Named(name: "\(asMade.owner)", number: asMade.owner)
        let group = group ?? Named(name: "\(asMade.group)", number: asMade.group)
        let (asItIs, now) = (UInt32.max, NodeOwnership(of: descriptor))
        // Who is not in the group may not give it back, and must not leave it what it had.
        var groupError: SerialLineError?
        if group.number != now.group, fchown(descriptor, asItIs, group.number) != 0 {
            groupError = error("group", group.name, "only root or a member may set it")
        }
        let mode = groupError == nil ? mode : mode & ~0o070
        // Whoever has given it away may not change the mode any more.
        try check("mode", String(mode, radix: 8), fchmod(descriptor, mode_t(mode)), "only the owner may set it")
        if let groupError { throw groupError }
        if owner.number != now.owner {
            try check("owner", owner.name, fchown(descriptor, owner.number, asItIs), "only root may set it")
        }
    }

    private func check(
        _ setting: String, _ value: String, _ result: Int32, _ whoMay: String
    ) throws(SerialLineError) {
        guard result == 0 else { throw error(setting, value, whoMay) }
    }

    /// Of the call that has just failed.
    private func error(_ setting: String, _ value: String, _ whoMay: String) -> SerialLineError {
        let code = errno
        let reason = SerialLineError.reason(code) + (code == EPERM ? "; \(whoMay)" : "")
        return .accessRefused(path: path, setting: setting, value: value, reason: reason)
    }
}

/// Owner and group of a node.
struct NodeOwnership: Equatable, Sendable {
    let owner: UInt32
    let group: UInt32

    init(of descriptor: Int32) {
        var status = stat()
        fstat(descriptor, &status)
        (owner, group) = (status.st_uid, status.st_gid)
    }
}
