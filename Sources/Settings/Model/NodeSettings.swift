/// Who may open a pseudo-terminal.
package struct NodeSettings: Hashable, Sendable {
    /// A user's name or number; nil: who runs the broker.
    package var owner: String?
    /// A group's name or number; nil: as the system has it.
    package var group: String?
    /// Permission bits, 0 to 0o777; default 0o660.
    package var mode = 0o660

    package init() {}
}
