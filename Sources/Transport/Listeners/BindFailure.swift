internal import Glibc
internal import NIOCore
internal import SerialLine

/// The reason why an address cannot be bound, in the same words everywhere.
package enum BindFailure {
    /// - Parameter port: the requested one.
    package static func text(of error: any Error, port: Int, isOfDatagrams: Bool = false) -> String {
        guard let error = error as? IOError else { return DialFailure.text(of: error) }
        let words = String(cString: strerror(error.errnoCode))
        switch error.errnoCode {
        case EADDRINUSE: return "\(words) by \(holders(of: port, isOfDatagrams))"
        case EADDRNOTAVAIL: return "\(words); this machine has \(ownAddresses.joined(separator: ", "))"
        case EACCES where port < 1024: return "\(words); ports below 1024 need a right (CAP_NET_BIND_SERVICE)"
        default: return words
        }
    }

    private static func holders(of port: Int, _ isOfDatagrams: Bool) -> String {
        let holders = PortHolder.holders(ofPort: port, isOfDatagrams: isOfDatagrams)
        guard holders.isEmpty else { return holders.map(\.description).joined(separator: ", ") }
        return "another program; to see which: sudo ss -\(isOfDatagrams ? "u" : "t")lnp 'sport = :\(port)'"
    }

    /// The IP addresses of this machine, each once.
    private static var ownAddresses: [String] {
        let devices = (try? System.enumerateDevices()) ?? []
        let addresses = devices.compactMap(\.address?.ipAddress)
        return addresses.enumerated().filter { !addresses[..<$0].contains($1) }.map(\.element)
    }
}
