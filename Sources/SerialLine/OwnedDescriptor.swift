internal import Glibc

/// A file descriptor that is closed when its owner is gone, unless it was taken.
struct OwnedDescriptor: ~Copyable, Sendable {
    let number: Int32

    init(_ number: Int32) {
        self.number = number
    }

    /// Opens a terminal, non-blocking, closed when another program is started, never as the controlling terminal.
    ///
    /// - Parameter access: `O_RDWR` or `O_RDONLY`.
    /// - Throws: What open(2) means for a serial port: `missing`, `notPermitted`, `busy`, `notSerialPort` or
    ///   `systemCall`.
    init(
        opening path: String, access: Int32 = O_RDWR, tree: SystemTree = SystemTree()
    ) throws(SerialLineError) {
        let number = open(path, access | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        guard number >= 0 else { throw .opening(path, errno: errno, tree: tree) }
        self.number = number
    }

    deinit {
        _ = Glibc.close(number)
    }

    /// Hands the descriptor over; the receiver closes it.
    consuming func take() -> Int32 {
        let number = number
        discard self
        return number
    }

    consuming func close() {}
}
