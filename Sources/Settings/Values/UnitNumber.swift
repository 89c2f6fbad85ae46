/// A unit of a line, and the number by which clients reach it.
package struct UnitNumber: Hashable, Sendable {
    /// As clients of all lines have it, 0 to 255.
    package var asked: UInt8
    /// On its line, 0 to 255.
    package var own: UInt8

    package init(asked: UInt8, own: UInt8) {
        self.asked = asked
        self.own = own
    }
}
