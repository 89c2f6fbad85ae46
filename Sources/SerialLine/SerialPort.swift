internal import CSerialLine
internal import Glibc

/// A serial port that is open for this program alone, in raw mode, non-blocking; closed when it is gone.
///
/// The lock belongs to the descriptor: it lasts until the descriptor is closed, whoever owns it then.
/// When the adapter is unplugged a read returns 0 and every later call fails with EIO; close the descriptor
/// and open the port by name again, as a re-plugged device is a new node.
package struct SerialPort: ~Copyable, Sendable {
    /// The name it was opened by.
    package let path: String
    /// Where the port is, nil where the system does not tell, as for a pseudo-terminal.
    package let physicalPort: PhysicalPort?
    /// What could not be had and is no error, one line each, for the summary at the start.
    package let notes: [String]

    /// Whether no line is behind it: bytes take no time, baud rate and character format mean nothing.
    package let isPseudoTerminal: Bool

    private let owned: OwnedDescriptor

    /// Opens the port, locks it, sets it and reads back what the driver made of it; bytes of earlier are dropped.
    ///
    /// - Parameter readsOnly: the system then refuses every write to the port.
    /// - Throws: `missing`, `notPermitted`, `busy`, `notSerialPort`, `refused`, `noDirectionControl` or
    ///   `systemCall`.
    package init(
        opening path: String,
        settings: SerialPortSettings,
        readsOnly: Bool = false,
        tree: SystemTree = SystemTree()
    ) throws(SerialLineError) {
        let opened = try OwnedDescriptor(opening: path, access: readsOnly ? O_RDONLY : O_RDWR, tree: tree)
        let setup = try PortSetup(descriptor: opened.number, path: path)
        guard flock(opened.number, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            // This process is to be named as a holder only if it holds another descriptor of the port.
            opened.close()
            throw .locking(path, errno: reason, tree: tree)
        }
        notes = try setup.apply(settings) + [StableName.advice(on: path, in: tree)].compactMap(\.self)
        physicalPort = PhysicalPort(setup.number, tree: tree)
        isPseudoTerminal = setup.number.isPseudoTerminal
        self.path = path
        owned = opened
    }

    /// The open descriptor; it stays the property of this value.
    package var descriptor: Int32 { owned.number }

    /// Sets the port anew; bytes of earlier are dropped.
    ///
    /// - Throws: `refused`, `noDirectionControl` or `systemCall`.
    package func set(_ settings: SerialPortSettings) throws(SerialLineError) {
        _ = try PortSetup(descriptor: descriptor, path: path).apply(settings)
    }

    /// Hands the descriptor over, with the lock; the receiver closes it.
    package consuming func takeDescriptor() -> Int32 {
        owned.take()
    }

    /// Drops what is received and not read, and written and not sent.
    ///
    /// Before closing a port this keeps an adapter that no longer sends from blocking close(2) for the
    /// 30 s the kernel waits for the last bytes. A port that is gone already has nothing to drop.
    package static func discardBuffers(of descriptor: Int32) {
        _ = serial_line_flush(descriptor)
    }

    /// A second descriptor of the same open port, closed when another program is started.
    ///
    /// - Throws: `systemCall` where the process may open no more (EMFILE).
    package static func duplicate(_ descriptor: Int32, of path: String) throws(SerialLineError) -> Int32 {
        let second = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard second >= 0 else { throw .systemCall(path: path, call: "dup", errno: errno) }
        return second
    }

    /// Closes a descriptor that was taken and is not wanted after all.
    package static func close(_ descriptor: Int32) {
        discardBuffers(of: descriptor)
        _ = Glibc.close(descriptor)
    }
}
