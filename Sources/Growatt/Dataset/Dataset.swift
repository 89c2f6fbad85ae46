package import Modbus
package import Text

/// The registers of one or several units, as a dataset file holds them.
///
/// What a file has at its top is unit 1; its `"units"` are the others.
package struct Dataset: Hashable, Sendable {
    /// One unit's values by address. A register that is not there is missing, which is not the same as 0.
    package struct Unit: Hashable, Sendable {
        package var holding: [UInt16: UInt16]
        package var input: [UInt16: UInt16]
        /// Growatt's smart-meter block, function 0x20.
        package var meter: [UInt16: UInt16]
        /// The unit's own keys that begin with `_`, in the order of the file.
        package var notes: [JSONValue.Member]

        package init(
            holding: [UInt16: UInt16] = [:], input: [UInt16: UInt16] = [:], meter: [UInt16: UInt16] = [:],
            notes: [JSONValue.Member] = []
        ) {
            self.holding = holding
            self.input = input
            self.meter = meter
            self.notes = notes
        }
    }

    /// By unit, 1–247.
    package var units: [UnitIdentifier: Unit]
    /// The file's keys that begin with `_`, in its order: `_source`, `_family`, `_firmware`, `_captured` and any other.
    package var notes: [JSONValue.Member]
    /// Whether the unit did not answer the registers that are missing here, as in a register scan.
    package var saysWhatIsMissing = false

    package init(units: [UnitIdentifier: Unit] = [:], notes: [JSONValue.Member] = []) {
        self.units = units
        self.notes = notes
    }

    /// The text of a note, such as `_family`: the unit's own, otherwise the file's.
    package func note(_ key: String, of unit: UnitIdentifier) -> String? {
        let members = (units[unit]?.notes ?? []) + notes
        return members.first { $0.key == key }?.value.string
    }
}

extension Dataset.Unit {
    /// The values of one table by address.
    package subscript(table: RegisterTable) -> [UInt16: UInt16] {
        get {
            switch table {
            case .holding: holding
            case .input: input
            case .meter: meter
            }
        }
        set {
            switch table {
            case .holding: holding = newValue
            case .input: input = newValue
            case .meter: meter = newValue
            }
        }
    }
}
