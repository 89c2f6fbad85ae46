package import Growatt

/// Which registers move, and how: what one or several profile files say together.
package struct Profile: Hashable, Sendable {
    /// Nil: there is no plant, and only what ``drives`` names moves.
    package var plant: PlantSettings?
    /// Registers that are driven directly; they win over the plant's. No two at the same register.
    package var drives: [RegisterDrive] = []
    /// Stored values that count up with the time.
    package var counts: [CountUp] = []
    /// When the unit hears and says nothing.
    package var silences: [TimeWindow] = []

    /// Nothing moves.
    package init() {}
}

/// One number in registers, and what moves it.
package struct RegisterDrive: Hashable, Sendable {
    package var place: RegisterPlace
    package var generator: Generator
}

/// Registers whose stored value rises with the time, modulo 65536: the first prototype's `--mutate`.
///
/// Only registers that are there and below 32768 (the prototype: not negative) do.
package struct CountUp: Hashable, Sendable {
    package var table: RegisterTable
    package var addresses: ClosedRange<Int>
    package var perSecond: Double

    /// What a register shows after so many seconds; nil: this one does not count.
    func value(_ table: RegisterTable, _ address: UInt16, stored: UInt16?, elapsed: Double) -> UInt16? {
        guard let stored, stored < 32768, table == self.table, addresses.contains(Int(address)) else { return nil }
        return stored &+ UInt16(truncatingIfNeeded: Int64((elapsed * perSecond).rounded(.down)))
    }
}
