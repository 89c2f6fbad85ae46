package import SerialLine

/// Speed and character format of a line.
package struct LineSetting: Hashable, Sendable {
    package let baud: BaudRate
    package let format: CharacterFormat

    package init(baud: BaudRate, format: CharacterFormat) {
        self.baud = baud
        self.format = format
    }

    /// All combinations, the likely ones first: every speed at the first format, then at the next.
    package static func all(bauds: [BaudRate], formats: [CharacterFormat]) -> [LineSetting] {
        formats.flatMap { format in bauds.map { LineSetting(baud: $0, format: format) } }
    }

    /// How long `count` characters are on the line.
    func time(of count: Int) -> Duration {
        .nanoseconds(Int64(count * format.bitsPerCharacter) * 1_000_000_000 / Int64(baud.bitsPerSecond))
    }
}

extension LineSetting: CustomStringConvertible {
    /// Such as `9600 8N1`.
    package var description: String { "\(baud) \(format)" }
}
