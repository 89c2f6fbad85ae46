/// Why a serial port or a pseudo-terminal cannot be used; `description` is one line for the user.
package enum SerialLineError: Error, Hashable, Sendable {
    /// The text is not a character format such as `8N1`.
    case invalidFormat(String)
    /// The speed is outside `BaudRate.allowed`.
    case invalidBaudRate(Int)
    /// Nothing is at the path (ENOENT, ENOTDIR) or no device is behind it (ENXIO, ENODEV).
    case missing(path: String, present: [String], errno: Int32)
    /// The user may not open the port (EACCES), or nobody in this container may (EPERM).
    /// `group` is the one that may read and write the node, nil where none may or it is not known.
    case notPermitted(path: String, user: String, group: String?, errno: Int32)
    /// Another program, or another part of this one, has the port (EWOULDBLOCK from flock, EBUSY from open).
    case busy(path: String, holders: [PortHolder], errno: Int32)
    /// The path leads to something else than a serial port.
    case notSerialPort(path: String)
    /// The driver did not take a setting and keeps another.
    case refused(path: String, wanted: String, actual: String)
    /// The driver has no RS-485 direction control, which was asked for.
    case noDirectionControl(path: String, errno: Int32)
    /// A link cannot be made because something is there that is not ours to replace.
    case linkRefused(path: String)
    /// A link cannot be made in the folder of the path.
    case unusableFolder(path: String, errno: Int32)
    /// The name of a virtual port is that of another one, of this broker or another.
    case nameTaken(path: String)
    /// The owner, group or mode of a virtual port cannot be had; `setting` says which.
    case accessRefused(path: String, setting: String, value: String, reason: String)
    /// Any other system call that failed.
    case systemCall(path: String, call: String, errno: Int32)
}
