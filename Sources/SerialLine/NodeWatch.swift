internal import Glibc

/// Tells when programs open, write to and close a node, by inotify(7).
///
/// The same twice in a row can come as one: the events say what happened, and in which order, but cannot be counted on. A
/// write is told a little later than its bytes can be there, but always before the close of its program.
package struct NodeWatch: ~Copyable, Sendable {
    package enum Event: Hashable, Sendable {
        case opened
        case written
        case closed
        /// The system has dropped events.
        case lost
    }

    private let path: String
    private let owned: OwnedDescriptor

    /// - Throws: `systemCall` where this user has no inotify left (EMFILE, ENOSPC).
    package init(_ path: String) throws(SerialLineError) {
        let descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        guard descriptor >= 0 else { throw .systemCall(path: path, call: "inotify_init1", errno: errno) }
        let opened = OwnedDescriptor(descriptor)
        try Self.look(at: path, for: Self.opens | Self.writes | Self.closes, opened.number)
        owned = opened
        self.path = path
    }

    /// Readable when there are events; it stays the property of this value.
    package var descriptor: Int32 { owned.number }

    /// Looks away from opens while the closure runs; writes and closes are seen.
    ///
    /// - Throws: `systemCall`; from then on opens are not seen.
    func withoutOpens<Value>(
        _ body: () throws(SerialLineError) -> Value
    ) throws(SerialLineError) -> Value {
        try Self.look(at: path, for: Self.writes | Self.closes, descriptor)
        let value = try body()
        try Self.look(at: path, for: Self.opens | Self.writes | Self.closes, descriptor)
        return value
    }

    /// What has happened and was not taken yet, in order.
    package func takeEvents() -> [Event] {
        var events: [Event] = []
        var bytes = [UInt8](repeating: 0, count: 4096)
        // The kernel keeps 16,384 events: a program that opens and closes without end does not hold this up for ever.
        for _ in 0..<64 {
            let count = read(descriptor, &bytes, bytes.count)
            guard count > 0 else { break }
            events += Self.events(in: bytes[..<count])
        }
        return events
    }

    /// The events in what was read from ``descriptor``.
    package static func events(in bytes: some Collection<UInt8>) -> [Event] {
        let bytes = Array(bytes)
        return bytes.withUnsafeBytes { memory in
            var events: [Event] = []
            var offset = 0
            // struct inotify_event: wd, mask, cookie, len, and len bytes of a name; four bytes each.
            while offset + 16 <= memory.count {
                let mask = memory.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
                let length = memory.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self)
                if mask & UInt32(IN_Q_OVERFLOW) != 0 { events.append(.lost) }
                if mask & opens != 0 { events.append(.opened) }
                if mask & writes != 0 { events.append(.written) }
                if mask & closes != 0 { events.append(.closed) }
                offset += 16 + Int(length)
            }
            return events
        }
    }

    private static let opens = UInt32(IN_OPEN)
    private static let writes = UInt32(IN_MODIFY)
    private static let closes = UInt32(IN_CLOSE_WRITE) | UInt32(IN_CLOSE_NOWRITE)

    /// Takes the place of what was looked for before.
    private static func look(at path: String, for mask: UInt32, _ descriptor: Int32) throws(SerialLineError) {
        guard inotify_add_watch(descriptor, path, mask) >= 0 else {
            throw .systemCall(path: path, call: "inotify_add_watch", errno: errno)
        }
    }
}
