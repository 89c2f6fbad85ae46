internal import Modbus

/// A reply on its way over a line.
struct LineReply {
    /// As the unit gives it: its number, the function, the values, and two bytes of CRC.
    var bytes: [UInt8]
    /// What comes directly behind it.
    var trailer: [UInt8] = []
    /// A pause within it, behind so many bytes.
    var gap: (position: Int, pause: Duration)?
    /// How much later it begins.
    var delay: Duration = .zero
    /// How long after the response timeout it begins; nil: once the unit has thought.
    var lateness: Duration?

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// What comes: pieces, each after a pause.
    var pieces: [(pause: Duration, bytes: [UInt8])] {
        guard let gap else { return [(.zero, bytes + trailer)] }
        return [
            (.zero, Array(bytes.prefix(gap.position))), (gap.pause, Array(bytes.dropFirst(gap.position)) + trailer),
        ]
    }

    /// Changes what is before the CRC, and makes the CRC right.
    mutating func reseal(_ change: (inout [UInt8]) -> Void) {
        bytes.removeLast(2)
        change(&bytes)
        let crc = CRC16.checksum(of: bytes)
        bytes += [UInt8(truncatingIfNeeded: crc), UInt8(truncatingIfNeeded: crc >> 8)]
    }
}
