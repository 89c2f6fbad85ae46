internal import Growatt
internal import Modbus

/// Holding registers of which a wrong write does harm, as far as most families have them at the same address.
///
/// Source: Growatt Modbus RTU Protocol V1.24 and V1.39, sections "holding registers"; others than these may do harm, too.
enum DangerousRegisters {
    private static let known: [(addresses: ClosedRange<Int>, harm: String)] = [
        (0...0, "turns the inverter on or off"),
        (1...1, "switches grid protection functions"),
        (2...2, "1 makes later power settings wear the memory"),
        (16...16, "sets the country and with it all grid limits"),
        (18...21, "is a grid-code setting"),
        (22...22, "changes the speed of this line: the unit is not found again at the old one"),
        (30...30, "changes the number of the unit on this line"),
        (31...31, "starts a firmware update"),
        (32...32, "erases the user's settings"),
        (33...33, "erases all settings"),
        (42...42, "is a grid-code setting"),
        (45...51, "is the clock: writing only a part of it can reset the counters of the day"),
        (52...81, "is a grid-code or protection setting"),
        (89...89, "is a grid-code setting"),
        (91...100, "is a grid-code setting"),
        (101...106, "is for the factory only"),
        (107...117, "is a grid-code setting"),
        (229...229, "calibrates the energy counter"),
        (230...230, "switches islanding protection off"),
        (231...232, "is for the factory only"),
        (233...240, "is a protection or service setting"),
        (251...258, "is for the factory only"),
        (304...345, "is a grid-code setting"),
        (532...554, "is a grid-code or protection setting"),
        (600...603, "is a grid-code setting"),
        (700...700, "limits the battery: a wrong value can damage it"),
    ]

    /// Warnings about one write, a line each.
    static func notes(_ write: WriteItem) -> [String] {
        guard write.item.table == .holding else { return [] }
        return known.filter { $0.addresses.overlaps(write.item.addresses) }.map { entry in
            "warning: holding \(entry.addresses.clamped(to: write.item.addresses).text) of most Growatts \(entry.harm)"
        }
    }
}
