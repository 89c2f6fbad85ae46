internal import Glibc
internal import Text

/// Who has started this process as a service and wants to be told how it goes, such as systemd; see sd_notify(3).
///
/// A datagram for each message, to the socket that `NOTIFY_SOCKET` names. Sending never waits: what finds no room is lost.
struct ServiceManager: Sendable {
    /// What it is told; see sd_notify(3), "Well-known assignments".
    enum Message: Hashable, Sendable {
        /// Clients can come in.
        case ready
        case reloading
        case stopping
        /// The event loop runs.
        case alive
        /// It ends, but not within the usual time.
        case extendTimeout(Duration)
        /// For `systemctl status`.
        case status(String)
    }

    /// Of `sun_path`, with a zero at the end.
    private static let longestAddress = 108

    /// Within this it wants to hear ``Message/alive``, or it ends the process; nil: it does not watch.
    let watchdog: Duration?
    /// Of the socket; a first byte of 0: in the abstract name space.
    private let address: [UInt8]

    /// nil: nobody wants to be told.
    init?() {
        guard let place = getenv("NOTIFY_SOCKET").map({ String(cString: $0) }), place.utf8.count < Self.longestAddress
        else {
            return nil
        }
        switch place.utf8.first {
        case UInt8(ascii: "/"): address = Array(place.utf8)
        case UInt8(ascii: "@"): address = [0] + place.utf8.dropFirst()
        default: return nil
        }
        watchdog = Self.watchdog
    }

    /// It may be meant for another process that this one was started by.
    private static var watchdog: Duration? {
        func number(_ name: String) -> Int64? { getenv(name).flatMap { Int64(String(cString: $0)) } }
        guard let period = number("WATCHDOG_USEC"), period > 0 else { return nil }
        if let process = number("WATCHDOG_PID"), process != Int64(getpid()) { return nil }
        return .microseconds(period)
    }

    func tell(_ messages: Message...) { tell(messages) }

    /// The same.
    func tell(_ messages: [Message]) {
        let text = messages.map(\.text).joined(separator: "\n")
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        var place = sockaddr_un()
        place.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &place.sun_path) { $0.copyBytes(from: address) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size - Self.longestAddress + address.count)
        let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
        _ = withUnsafePointer(to: &place) { place in
            place.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, text, text.utf8.count, flags, $0, length)
            }
        }
        close(descriptor)
    }
}

extension ServiceManager.Message {
    fileprivate var text: String {
        switch self {
        case .ready: "READY=1"
        case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(Self.uptime)"
        case .stopping: "STOPPING=1"
        case .alive: "WATCHDOG=1"
        case .extendTimeout(let time): "EXTEND_TIMEOUT_USEC=\(time.components.seconds * 1_000_000)"
        case .status(let text): "STATUS=\(text.onOneLine)"
        }
    }

    /// In microseconds.
    private static var uptime: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}
