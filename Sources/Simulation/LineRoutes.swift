internal import Broker
internal import Modbus

/// What is said of one line: by which numbers clients know its units, and what they may read.
struct LineRoutes {
    /// The units that it is said to have: 1…n by their own numbers.
    var units: Int
    /// Clients of all lines know each unit by its own number and this; nil: by its own alone.
    var firstNumber: UInt8?
    /// Whether clients of all lines know its unit 0 by a number.
    var hasNumberForZero = false
    /// Which of its units they read as unit 0; nil: none.
    var unitOfZero: UInt8?
    var reads = ReadRules()
}

extension LineSettings {
    var routes: LineRoutes {
        LineRoutes(
            units: units, firstNumber: firstNumber, hasNumberForZero: hasNumberForZero, unitOfZero: unitOfZero,
            reads: reads)
    }
}
