internal import Glibc

/// Tells when programs open and close a node, by inotify(7).
///
/// Opens right behind one another can come as one, and so can closes: the events say that something changed, and in
/// which order, but cannot be counted on.
package struct NodeWatch: ~Copyable, Sendable {
    package enum Event: Hashable, Sendable {
        case opened
        case closed
        /// The system has dropped events.
        case lost
    }

    private let path: String
    private let owned: OwnedDescriptor
    private var number: Int32

    /// - Throws: `systemCall` where this user has no inotify left (EMFILE, ENOSPC).
    package init(_ path: String) throws(SerialLineError) {
        let descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        guard descriptor >= 0 else { throw .systemCall(path: path, call: "inotify_init1", errno: errno) }
        let opened = OwnedDescriptor(descriptor)
        number = try Self.add(path, to: opened.number)
        owned = opened
        self.path = path
    }

    /// Readable when there are events; it stays the property of this value.
    package var descriptor: Int32 { owned.number }

    /// Looks away while the closure runs.
    ///
    /// - Returns: also what happened before it and was not taken yet: told later it would seem to come after it.
    /// - Throws: `systemCall`; from then on nothing is seen.
    mutating func suspended<Value>(
        _ body: () throws(SerialLineError) -> Value
    ) throws(SerialLineError) -> (value: Value, events: [Event]) {
        inotify_rm_watch(descriptor, number)
        let events = takeEvents()
        let value = try body()
        number = try Self.add(path, to: descriptor)
        return (value, events)
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
                if mask & UInt32(IN_OPEN) != 0 { events.append(.opened) }
                if mask & closes != 0 { events.append(.closed) }
                offset += 16 + Int(length)
            }
            return events
        }
    }

    private static let closes = UInt32(IN_CLOSE_WRITE) | UInt32(IN_CLOSE_NOWRITE)

    private static func add(_ path: String, to descriptor: Int32) throws(SerialLineError) -> Int32 {
        let number = inotify_add_watch(descriptor, path, UInt32(IN_OPEN) | closes)
        guard number >= 0 else { throw .systemCall(path: path, call: "inotify_add_watch", errno: errno) }
        return number
    }
}
