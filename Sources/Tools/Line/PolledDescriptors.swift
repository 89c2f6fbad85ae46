internal import Glibc

/// Waiting for the bytes of ports and connections, a bit at a time.
enum PolledDescriptors {
    /// A signal does not wake the thread that waits: it looks so often.
    private static let look: Duration = .milliseconds(50)

    /// Blocks until one of them has something to read, or has ended.
    ///
    /// - Parameter end: nil: there is none.
    /// - Returns: the index of the first that has; nil: the time is over.
    /// - Throws: ``ToolError/interrupted(signal:)``.
    static func wait(
        _ descriptors: [Int32], until end: ContinuousClock.Instant?, _ interruption: Interruption
    ) throws(ToolError) -> Int? {
        while true {
            try interruption.check()
            let left = end.map { $0 - .now } ?? look
            var waiting = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            let part = min(max(left, .zero), look).components
            let count = poll(
                &waiting, nfds_t(waiting.count), Int32((part.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
            )
            if count > 0 { return waiting.firstIndex { $0.revents != 0 } }
            if left <= .zero { return nil }
        }
    }

    /// - Parameter ended: the message about its end.
    /// - Returns: what has come; empty: nothing after all.
    /// - Throws: ``ToolError/failed(_:)`` if it has ended.
    static func read(
        _ descriptor: Int32, named name: String, ended: String = "gone"
    ) throws(ToolError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        if count > 0 { return Array(bytes[..<count]) }
        if count < 0, errno == EAGAIN || errno == EINTR { return [] }
        throw .failed(count == 0 ? "\(name): \(ended)" : "\(name): \(String(cString: strerror(errno)))")
    }
}
