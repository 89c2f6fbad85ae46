import Glibc
import SerialLine
import Testing

/// What a test does with descriptors; the time limit of `poll` only keeps a failing test from hanging.
enum Terminal {
    /// Waits until the descriptor has bytes or is hung up.
    static func events(of descriptor: Int32, waiting: Bool = true) -> Int32 {
        var query = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&query, 1, waiting ? 10_000 : 0)
        return Int32(query.revents)
    }

    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int {
        Glibc.write(descriptor, bytes, bytes.count)
    }

    /// Reads until `count` bytes have come or none comes any more.
    static func read(_ count: Int, from descriptor: Int32) -> [UInt8] {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: count)
        while received.count < count, events(of: descriptor) & POLLIN != 0 {
            let length = Glibc.read(descriptor, &buffer, count - received.count)
            guard length > 0 else { break }
            received += buffer[..<length]
        }
        return received
    }
}

extension SerialPortSettings {
    static func test(baud: Int = 9_600, format: String = "8N1", rs485: RS485Direction? = nil) throws -> Self {
        try SerialPortSettings(baud: BaudRate(baud), format: CharacterFormat(format), rs485: rs485)
    }
}
