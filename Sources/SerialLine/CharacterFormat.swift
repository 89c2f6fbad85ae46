/// How one character travels on the line: a start bit, the data bits, perhaps a parity bit, the stop bits.
///
/// Written as in `8N1`: data bits, parity, stop bits.
package struct CharacterFormat: Hashable, Sendable {
    /// The number of data bits; Modbus RTU needs eight.
    package enum DataBits: Int, Sendable, CaseIterable {
        case seven = 7
        case eight = 8
    }

    /// The parity bit, by the letter it has in a format such as `8N1`.
    package enum Parity: Character, Sendable, CaseIterable {
        case none = "N"
        case even = "E"
        case odd = "O"
    }

    /// The number of stop bits.
    package enum StopBits: Int, Sendable, CaseIterable {
        case one = 1
        case two = 2
    }

    package var dataBits: DataBits
    package var parity: Parity
    package var stopBits: StopBits

    package init(dataBits: DataBits, parity: Parity, stopBits: StopBits) {
        self.dataBits = dataBits
        self.parity = parity
        self.stopBits = stopBits
    }

    /// Reads `[78][NEO][12]` in any letter case, such as `8N1` or `7e2`.
    ///
    /// - Throws: `SerialLineError.invalidFormat`.
    package init(_ text: String) throws(SerialLineError) {
        let letters = Array(text.uppercased())
        guard letters.count == 3,
            let dataBits = Int(String(letters[0])).flatMap(DataBits.init(rawValue:)),
            let parity = Parity(rawValue: letters[1]),
            let stopBits = Int(String(letters[2])).flatMap(StopBits.init(rawValue:))
        else { throw .invalidFormat(text) }
        self.init(dataBits: dataBits, parity: parity, stopBits: stopBits)
    }

    /// Bits one character takes on the line, 9 to 12; 10 for `8N1`.
    package var bitsPerCharacter: Int {
        1 + dataBits.rawValue + (parity == .none ? 0 : 1) + stopBits.rawValue
    }
}

extension CharacterFormat: CustomStringConvertible {
    /// Three characters, such as `8N1`.
    package var description: String {
        "\(dataBits.rawValue)\(parity.rawValue)\(stopBits.rawValue)"
    }
}
