/// The speed of a line in bits per second, 50 to 4,000,000; not only the speeds POSIX has constants for.
package struct BaudRate: Hashable, Sendable {
    /// What the driver is asked for at most and at least; a given adapter may do less.
    package static let allowed = 50...4_000_000

    package let bitsPerSecond: Int

    /// - Throws: `SerialLineError.invalidBaudRate` outside `allowed`.
    package init(_ bitsPerSecond: Int) throws(SerialLineError) {
        guard Self.allowed.contains(bitsPerSecond) else { throw .invalidBaudRate(bitsPerSecond) }
        self.bitsPerSecond = bitsPerSecond
    }
}

extension BaudRate: CustomStringConvertible {
    /// The number alone, such as `9600`.
    package var description: String { "\(bitsPerSecond)" }
}
