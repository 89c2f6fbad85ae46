internal import CSerialLine
internal import Glibc

/// A pair of descriptors that behaves like a serial line: what one side writes the other reads, unchanged.
///
/// This side is a descriptor, the other one a name that any program opens like a serial port. There is no
/// speed: bytes pass at once. What is held here is closed, and the link removed, when the value is gone.
package struct PseudoTerminal: ~Copyable, Sendable {
    /// The name of the other side, such as `/dev/pts/4`.
    package let path: String

    private var owned: OwnedDescriptor?
    private var otherSide: OwnedDescriptor?
    private let link: SymbolicLink?
    /// Of the other side.
    private let asMade: NodeOwnership?

    /// - Parameters:
    ///   - link: a second, chosen name of the other side. An older link that leads to a pseudo-terminal or
    ///     nowhere is replaced.
    ///   - access: who may open the other side, which has to be kept open; nil: as the system makes it.
    ///   - keepsOtherSideOpen: without it this side reports a hang-up (EPOLLHUP, reads fail with EIO) whenever
    ///     the last program has closed the other side.
    /// - Throws: `linkRefused` where the link would replace anything else, `accessRefused`, `systemCall`.
    package init(
        link: String? = nil, access: NodeAccess? = nil, keepsOtherSideOpen: Bool = true
    ) throws(SerialLineError) {
        var number: Int32 = -1
        var name = [CChar](repeating: 0, count: 64)
        let flags = O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC
        let opening = serial_line_open_pseudo_terminal(flags, &number, &name, name.count)
        guard opening == 0 else {
            throw .systemCall(path: "/dev/ptmx", call: "opening a pseudo-terminal", errno: opening)
        }
        let opened = OwnedDescriptor(number)
        let path = FileTree.text(of: name)
        // Until the other side is set otherwise its echo would answer every request.
        var mode = serial_line_mode.raw
        let setting = serial_line_set_mode(number, &mode)
        guard setting == 0 else { throw .systemCall(path: path, call: "setting the line mode", errno: setting) }
        let kept = try keepsOtherSideOpen ? OwnedDescriptor(opening: path) : nil
        let asMade = Self.number(of: kept).map { NodeOwnership(of: $0) }
        if let access, let asMade, let number = Self.number(of: kept) { try access.apply(to: number, asMade) }
        let made = try link.map { name throws(SerialLineError) in try SymbolicLink(at: name, to: path) }
        self.path = path
        self.asMade = asMade
        owned = consume opened
        otherSide = consume kept
        self.link = consume made
    }

    /// The descriptor of this side; it stays the property of this value. Must not be used after `takeDescriptor`.
    package var descriptor: Int32 {
        switch owned {
        case .some(let descriptor): descriptor.number
        case nil: preconditionFailure("the descriptor was taken")
        }
    }

    /// Hands the descriptor of this side over, once; the receiver closes it. The link and the other side stay
    /// with this value.
    package mutating func takeDescriptor() -> Int32 {
        guard let taken = owned.take() else { preconditionFailure("the descriptor was taken") }
        return taken.take()
    }

    /// Takes the chosen name back, if another pseudo-terminal has taken it.
    ///
    /// - Throws: `linkRefused`, `systemCall`.
    package borrowing func renewLink() throws(SerialLineError) {
        switch link {
        case .some(let link): try link.renew()
        case nil: break
        }
    }

    /// Lets others open the other side from now on, if it is kept open.
    ///
    /// - Throws: `accessRefused`.
    borrowing func apply(_ access: NodeAccess) throws(SerialLineError) {
        if let asMade, let number = otherSideDescriptor { try access.apply(to: number, asMade) }
    }

    /// The other side, while it is kept open.
    var otherSideDescriptor: Int32? { Self.number(of: otherSide) }

    private static func number(of owned: borrowing OwnedDescriptor?) -> Int32? {
        switch owned {
        case .some(let descriptor): descriptor.number
        case nil: nil
        }
    }

    /// Closes the side that is kept open, until the closure has returned.
    ///
    /// - Throws: `systemCall` where it cannot be opened again; then this side may hang up.
    mutating func withoutOtherSide<Value>(_ body: (Int32) -> Value) throws(SerialLineError) -> Value {
        otherSide = nil
        let value = body(descriptor)
        var number: Int32 = -1
        let flags = O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC
        let code = serial_line_open_other_side(descriptor, flags, &number)
        guard code == 0 else { throw .systemCall(path: path, call: "opening the other side", errno: code) }
        otherSide = OwnedDescriptor(number)
        return value
    }

    /// Closes what is held and removes the link.
    package consuming func close() {}
}
