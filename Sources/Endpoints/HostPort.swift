internal import Text

/// An address to listen at, `HOST:PORT`.
package struct HostPort: Hashable, Sendable {
    /// What ``init(_:)`` reads, in words.
    package static let allowed = "HOST:PORT with a port from 0 to 65535, such as 127.0.0.1:5020, [::1]:5020 or *:5020"

    /// A name or an IP address, IPv6 without brackets; `0.0.0.0` for every address of the machine.
    package let host: String
    /// 0 to 65535; 0: the system chooses a free one.
    package let port: Int

    /// - Precondition: `port` is 0 to 65535.
    package init(host: String, port: Int) {
        precondition((0...65535).contains(port))
        self.host = host
        self.port = port
    }

    /// Reads `HOST:PORT`, `[IPv6]:PORT`, `*:PORT` or `:PORT` (the last two: `0.0.0.0`); nil: it is none of them.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"),
            let port = Int(digits: text[text.index(after: colon)...]), port <= 65535,
            let host = Self.host(text[..<colon])
        else { return nil }
        self.init(host: host, port: port)
    }

    private static func host(_ text: Substring) -> String? {
        if text.isEmpty || text == "*" { return "0.0.0.0" }
        guard text.first == "[" else { return text.allSatisfy(isOfName) && !isWrongIPv4(text) ? String(text) : nil }
        let inner = text.dropFirst().dropLast()
        // A zone such as %eth0 names the interface of a link-local address.
        guard text.last == "]", inner.contains(":"), inner.first != "%",
            inner.prefix(while: { $0 != "%" }).allSatisfy({ $0.isHexDigit && $0.isASCII || $0 == ":" || $0 == "." }),
            inner.drop(while: { $0 != "%" }).dropFirst().allSatisfy(isOfName)
        else { return nil }
        return String(inner)
    }

    /// Four numbers are meant as an address, and are no name.
    private static func isWrongIPv4(_ text: Substring) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { Int(digits: $0) != nil } && NetworkBlock(String(text)) == nil
    }

    private static func isOfName(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "-._".contains(character))
    }
}

extension HostPort {
    /// Whether the system lets only one of the two be listened at.
    ///
    /// `0.0.0.0` takes the port of every IPv4 address, `::` of every address at all. Of names only `localhost` is known.
    package func excludes(_ other: HostPort) -> Bool {
        guard port == other.port, port != 0 else { return false }
        return host == other.host || takes(other) || other.takes(self)
    }

    private func takes(_ other: HostPort) -> Bool {
        guard isWildcard else { return false }
        return host.contains(":") || other.host == "localhost" || NetworkBlock(other.host)?.bytes.count == 4
    }

    /// Whether who connects to this gets to somebody who listens at the other, as far as the text tells: not by names but
    /// `localhost`, nor by an address of this machine to a listener at all of them.
    package func leads(to listener: HostPort) -> Bool {
        guard port == listener.port else { return false }
        if host == listener.host { return true }
        let isName = host == "localhost" || listener.host == "localhost"
        return isLoopback && (listener.isWildcard || (isName && listener.isLoopback))
    }

    /// Whether it is every address of a machine.
    var isWildcard: Bool { NetworkBlock(host)?.bytes.allSatisfy { $0 == 0 } ?? false }

    private var isLoopback: Bool {
        guard let bytes = NetworkBlock(host)?.bytes else { return host == "localhost" }
        return bytes.count == 4 ? bytes.first == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
    }
}

extension HostPort: CustomStringConvertible {
    /// As it is read, IPv6 in brackets.
    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
