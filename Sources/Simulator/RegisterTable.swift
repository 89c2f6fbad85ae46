package import Recording

/// Which registers of a unit: the tables of a dataset.
package enum RegisterTable: String, Hashable, Sendable, CaseIterable {
    /// Functions 0x03, 0x06, 0x10, 0x16 and 0x17.
    case holding
    /// Function 0x04.
    case input
    /// Growatt's smart-meter block, function 0x20.
    case meter
}

extension Dataset.Unit {
    /// The values of one table by address.
    package subscript(table: RegisterTable) -> [UInt16: UInt16] {
        switch table {
        case .holding: holding
        case .input: input
        case .meter: meter
        }
    }
}
