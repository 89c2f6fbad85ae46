internal import Glibc
internal import NIOCore
internal import SerialLine
internal import Settings

/// Words for a listener that the system refuses.
enum ListenFailure {
    /// Why it is refused, and what helps.
    static func reason(_ error: any Error, at kind: ListenerSettings.Kind) -> String {
        guard let error = error as? IOError else { return "\(error)" }
        let words = String(cString: strerror(error.errnoCode))
        guard let address = kind.address else { return words }
        switch error.errnoCode {
        case EADDRINUSE: return "\(words) by \(holders(of: address.port, kind.isOfDatagrams))"
        case EADDRNOTAVAIL: return "\(words); this machine has \(ownAddresses.joined(separator: ", "))"
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
