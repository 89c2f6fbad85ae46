internal import Glibc

extension SerialLineError: CustomStringConvertible {
    /// One line that names the port or value, what is wrong and what to do.
    package var description: String {
        switch self {
        case .invalidFormat(let text):
            "character format '\(text)': allowed is [78][NEO][12], such as 8N1 "
                + "(data bits, parity none, even or odd, stop bits)"
        case .invalidBaudRate(let value):
            "baud rate \(value): allowed is \(BaudRate.allowed.lowerBound) to \(BaudRate.allowed.upperBound)"
        case .missing(let path, let present, _):
            "\(path): no such device; is the adapter plugged in? serial ports present: "
                + (present.isEmpty ? "none" : present.joined(separator: ", "))
        case .notPermitted(let path, let user, let group, let errno):
            "\(path): not permitted; \(Self.remedy(path: path, user: user, group: group, errno: errno))"
        case .busy(let path, let holders, _):
            "\(path): in use by " + Self.names(of: holders, path: path)
        case .notSerialPort(let path):
            "\(path): not a serial port; expected a device such as /dev/ttyUSB0"
        case .refused(let path, let wanted, let actual):
            "\(path): the driver does not take \(wanted) and stays at \(actual)"
        case .noDirectionControl(let path, let errno):
            "\(path): this driver cannot switch the RS-485 direction (\(Self.reason(errno))); "
                + "most USB adapters switch by themselves and need no such setting"
        case .linkRefused(let path):
            "\(path): exists and is no link to a pseudo-terminal; choose another name"
        case .unusableFolder(let path, ENOENT):
            "\(path): there is no folder \(Self.folder(of: path)); make it first, or choose another name"
        case .unusableFolder(let path, let errno):
            "\(path): no link can be made in the folder \(Self.folder(of: path)) (\(Self.reason(errno)))"
        case .nameTaken(let path):
            "\(path): a running broker has a virtual port of this name; choose another name"
        case .accessRefused(let path, let setting, let value, let reason):
            "\(path): \(setting) '\(value)': \(reason)"
        case .systemCall(let path, let call, let errno):
            "\(path): \(call) failed: \(Self.reason(errno))"
        }
    }

    private static func remedy(path: String, user: String, group: String?, errno: Int32) -> String {
        if errno == EPERM {
            return "the system forbids it to every user here (a container must be given the device)"
        }
        guard let group else { return "user '\(user)' may not open it: see ls -lL \(path)" }
        return "add the user '\(user)' to group '\(group)' and log in again: sudo usermod -aG \(group) \(user)"
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func names(of holders: [PortHolder], path: String) -> String {
        guard holders.isEmpty else {
            let isBroker = holders.contains { $0.program == PortHolder.broker }
            return holders.map(\.description).joined(separator: ", ")
                + (isBroker ? "; ask that broker instead, as in tcp://127.0.0.1:5020" : "")
        }
        return "another program; to see which: sudo fuser -v \(path) or sudo lsof \(path)"
    }

    /// The system's words for an errno.
    static func reason(_ errno: Int32) -> String {
        String(cString: strerror(errno))
    }
}
