internal import CSerialLine
internal import Glibc

/// A pseudo-terminal with a chosen name that programs open and close as they like, as if it were a serial port.
///
/// It looks after what one program leaves behind for the next: bytes, the line mode, the mark of exclusive use.
/// Used on one thread.
package final class VirtualPort {
    /// The chosen name.
    package let path: String
    /// Why opens and closes cannot be seen; nil: they can.
    package private(set) var blindness: SerialLineError?
    private let claim: NameClaim
    private var terminal: PseudoTerminal
    private var watch: NodeWatch?

    /// - Parameter path: becomes a symbolic link; one that leads to a pseudo-terminal or nowhere is replaced.
    /// - Throws: `nameTaken` where a living process has a port of this name, `linkRefused`, `accessRefused`, `systemCall`.
    package init(path: String, access: NodeAccess) throws(SerialLineError) {
        // As the control socket does: the directory in /run is not there after a start of the system.
        if let slash = path.lastIndex(of: "/"), slash > path.startIndex { mkdir(String(path[..<slash]), 0o755) }
        claim = try NameClaim(path)
        terminal = try PseudoTerminal(link: path, access: access)
        self.path = path
        var mode = serial_line_mode.vacant
        _ = serial_line_set_mode(terminal.descriptor, &mode)
        do throws(SerialLineError) {
            watch = try NodeWatch(terminal.path)
        } catch {
            blindness = error
        }
    }

    /// Looks whether a port can have the name. Only reads. A folder that is missing may be there a moment later.
    ///
    /// - Throws: `linkRefused` where something else has the name; `unusableFolder` where a file is in place of its folder.
    package static func refuseFile(at path: String) throws(SerialLineError) {
        var status = stat()
        if lstat(path, &status) != 0, errno == ENOTDIR { throw .unusableFolder(path: path, errno: ENOTDIR) }
        guard SymbolicLink.mayBeReplaced(path) else { throw .linkRefused(path: path) }
    }

    /// Descriptors for an event loop, which closes them: bytes are there to be taken, or events.
    ///
    /// - Throws: `systemCall`.
    package func duplicateDescriptor() throws(SerialLineError) -> Int32 {
        try SerialPort.duplicate(terminal.descriptor, of: path)
    }

    /// - Returns: nil: opens and closes cannot be seen.
    /// - Throws: `systemCall`.
    package func duplicateWatchDescriptor() throws(SerialLineError) -> Int32? {
        guard let descriptor = watch?.descriptor else { return nil }
        return try SerialPort.duplicate(descriptor, of: path)
    }

    /// Takes the chosen name back, if another pseudo-terminal has taken it.
    ///
    /// - Throws: `linkRefused`, `systemCall`.
    package func renewLink() throws(SerialLineError) { try terminal.renewLink() }

    /// Lets others open it from now on; who has it open keeps it.
    ///
    /// - Throws: `accessRefused` where this process may not give the node away.
    package func apply(_ access: NodeAccess) throws(SerialLineError) { try terminal.apply(access) }

    /// What programs did since it was asked last.
    package func takeEvents() -> [NodeWatch.Event] { watch?.takeEvents() ?? [] }

    /// All bytes that programs have written.
    package func takeBytes() -> [UInt8] { Self.takeBytes(terminal.descriptor) }

    /// At most 16 KiB, which is more than the kernel keeps.
    private static func takeBytes(_ descriptor: Int32) -> [UInt8] {
        var taken: [UInt8] = []
        var bytes = [UInt8](repeating: 0, count: 1024)
        for _ in 0..<16 {
            let count = read(descriptor, &bytes, bytes.count)
            guard count > 0 else { break }
            taken += bytes[..<count]
        }
        return taken
    }

    /// Writes to the program that has the port open. What the system has no room for is dropped, all of it.
    package func write(_ bytes: [UInt8]) {
        silenceEcho()
        if Glibc.write(terminal.descriptor, bytes, bytes.count) < bytes.count { discardUnread() }
    }

    /// Drops what was written and not read by a program.
    ///
    /// Nothing is done where there is nothing: the kernel resets its counters one after the other, and a program that waits
    /// for bytes meanwhile may be told that there are some, and then find none.
    package func discardUnread() {
        if let other = terminal.otherSideDescriptor, Self.hasUnread(other) { tcflush(other, TCIFLUSH) }
    }

    private static func hasUnread(_ other: Int32) -> Bool {
        // Whatever it finds, it takes in what is on its way.
        var query = pollfd(fd: other, events: Int16(POLLIN), revents: 0)
        _ = poll(&query, 1, 0)
        var count: Int32 = 0
        var mode = serial_line_mode()
        // Of a line without its end the count does not tell.
        return serial_line_get_unread(other, &count) != 0 || count > 0 || serial_line_get_mode(other, &mode) != 0
            || mode.local & tcflag_t(ICANON) != 0
    }
}

// MARK: What programs leave behind

extension VirtualPort {
    /// What ``findOut()`` has found.
    package struct Finding {
        package let isOpen: Bool
        /// What programs did before that, but for opens just before it; and since.
        package let before: [NodeWatch.Event]
        package let since: [NodeWatch.Event]
        /// What they have written. Where none has the port open, nothing of it is by one that opens it now.
        package let bytes: [UInt8]
    }

    /// Finds out whether any program has the port open, however many opens and closes were seen; if none has, makes it as
    /// new for the next one.
    ///
    /// The system tells whether anybody has it open, this process included: so this process closes it for a moment.
    ///
    /// - Throws: `systemCall`; the port is then lost, or blind.
    package func findOut() throws(SerialLineError) -> Finding {
        guard let watching = watch.take() else {
            return Finding(isOpen: true, before: [], since: [], bytes: [])
        }
        let isExclusive = takeExclusiveUse()
        let found = try watching.withoutOpens { () throws(SerialLineError) in
            let events = watching.takeEvents()
            return try terminal.withoutOtherSide { Self.find($0, events, watching) }
        }
        watch = consume watching
        if found.isOpen, isExclusive, let other = terminal.otherSideDescriptor {
            _ = serial_line_set_exclusive(other)
        }
        if !found.isOpen { resume() }
        return found
    }

    private static func find(
        _ descriptor: Int32, _ events: [NodeWatch.Event], _ watch: borrowing NodeWatch
    ) -> Finding {
        // In this order, and before anything else, as the next program may be quick. The close by this process is told, too.
        var before = events + watch.takeEvents().removingFirst(.closed)
        let bytes = takeBytes(descriptor)
        before += watch.takeEvents()
        var query = pollfd(fd: descriptor, events: 0, revents: 0)
        _ = poll(&query, 1, 0)
        guard Int32(query.revents) & POLLHUP == 0 else {
            var mode = serial_line_mode.vacant
            _ = serial_line_set_mode(descriptor, &mode)
            return Finding(isOpen: false, before: before, since: [], bytes: bytes)
        }
        // The bytes last: all that is known to be written is among them.
        let since = watch.takeEvents()
        return Finding(isOpen: true, before: before, since: since, bytes: bytes + takeBytes(descriptor))
    }

    /// Undoes what the program before has left to one that has opened the port already.
    ///
    /// It may have set the port for itself: only the mode of an interactive terminal, which nobody wants here, is undone.
    package func restore() {
        guard let other = terminal.otherSideDescriptor else { return }
        var mode = serial_line_mode()
        let isInteractive = { mode.local != 0 || mode.output & tcflag_t(OPOST) != 0 }
        if serial_line_get_mode(other, &mode) == 0, isInteractive() {
            mode = .raw
            _ = serial_line_set_mode(other, &mode)
        }
        resume()
    }

    /// Lets a program write that finds output stopped, and read only what is written from now on.
    private func resume() {
        if let other = terminal.otherSideDescriptor { tcflow(other, TCOON) }
        discardUnread()
    }

    /// The system forgets that mark only when nobody has the port open, and this process has it open always.
    ///
    /// - Returns: whether a program has the port to itself; if it is still there, it is to get that back.
    private func takeExclusiveUse() -> Bool {
        guard let other = terminal.otherSideDescriptor else { return false }
        var isExclusive: Int32 = 0
        _ = serial_line_get_exclusive(other, &isExclusive)
        if isExclusive != 0 { _ = serial_line_set_shared(other) }
        return isExclusive != 0
    }

    /// With echo a program would send back what it is told, and the reply to a write is a request to write the same.
    private func silenceEcho() {
        let echo = tcflag_t(ECHO | ECHONL)
        var mode = serial_line_mode()
        guard let other = terminal.otherSideDescriptor, serial_line_get_mode(other, &mode) == 0, mode.local & echo != 0
        else { return }
        mode.local &= ~echo
        _ = serial_line_set_mode(other, &mode)
    }
}

extension [NodeWatch.Event] {
    fileprivate func removingFirst(_ event: NodeWatch.Event) -> [NodeWatch.Event] {
        var rest = self
        if let index = firstIndex(of: event) { rest.remove(at: index) }
        return rest
    }
}
