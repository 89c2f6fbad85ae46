internal import Glibc

/// How long a blocking socket may take.
package enum SocketTimeLimit {
    /// - Parameter seconds: limit for connecting, and later for each sending.
    package static func ofSending(_ descriptor: Int32, seconds: Int) { set(SO_SNDTIMEO, descriptor, seconds) }

    /// - Parameter seconds: limit for each receiving.
    package static func ofReceiving(_ descriptor: Int32, seconds: Int) { set(SO_RCVTIMEO, descriptor, seconds) }

    private static func set(_ option: Int32, _ descriptor: Int32, _ seconds: Int) {
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
    }
}
