internal import Glibc
package import NIOCore

/// A block of IP addresses, such as 192.168.1.0/24 or fd00::/8. IPv4 addresses are only in blocks of IPv4, and in those of
/// their IPv6 form.
package struct AddressBlock: Hashable, Sendable {
    /// 16 bytes; an IPv4 address as IPv6 has it, ::ffff:a.b.c.d.
    private let bytes: [UInt8]
    /// How many bits have to be the same, of 128.
    private let length: Int

    /// - Parameters:
    ///   - bytes: of the address: 4 of IPv4, 16 of IPv6.
    ///   - length: how many of its bits have to be the same, 0 to 32 or 128.
    package init(bytes: [UInt8], length: Int) {
        self.bytes = bytes.asIPv6
        self.length = bytes.count == 4 ? length + 96 : length
    }

    package func contains(_ address: SocketAddress) -> Bool {
        address.ipAddress.map { contains(host: $0) } ?? false
    }

    /// - Parameter host: an IP address; no block contains what is none.
    package func contains(host: String) -> Bool {
        guard let other = Self.bytes(of: host)?.asIPv6 else { return false }
        // ::/0 is what it looks like: every IPv6 address.
        guard length >= [UInt8].mappedIPv4.count * 8 || !other.starts(with: [UInt8].mappedIPv4) else { return false }
        let (whole, rest) = length.quotientAndRemainder(dividingBy: 8)
        guard bytes.prefix(whole) == other.prefix(whole) else { return false }
        return rest == 0 || (bytes[whole] ^ other[whole]) >> (8 - rest) == 0
    }

    /// 4 or 16 bytes; nil: it is no IP address.
    private static func bytes(of host: String) -> [UInt8]? {
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            if inet_pton(family, host, &bytes) == 1 { return bytes }
        }
        return nil
    }
}

/// Which addresses may come in: none that is denied, and, where any are allowed, only those.
package struct AddressRules: Hashable, Sendable {
    package var allow: [AddressBlock]
    package var deny: [AddressBlock]

    package init(allow: [AddressBlock] = [], deny: [AddressBlock] = []) {
        self.allow = allow
        self.deny = deny
    }

    /// - Parameter address: nil: not known; then only rules that are empty let it in.
    package func permits(_ address: SocketAddress?) -> Bool {
        guard let address else { return allow.isEmpty && deny.isEmpty }
        return !deny.contains { $0.contains(address) } && (allow.isEmpty || allow.contains { $0.contains(address) })
    }
}

extension [UInt8] {
    /// What the IPv6 form of every IPv4 address begins with.
    fileprivate static let mappedIPv4 = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]

    fileprivate var asIPv6: [UInt8] { count == 4 ? Self.mappedIPv4 + self : self }
}

extension SocketAddress? {
    /// The IP address as text, such as `192.168.1.10`; `?` where it is not known.
    package var host: String {
        let address = self?.ipAddress ?? "?"
        // An IPv4 client of a listener for both is the same host as at one for IPv4.
        let mapped = "::ffff:"
        return address.hasPrefix(mapped) && address.contains(".") ? String(address.dropFirst(mapped.count)) : address
    }

    /// As in the wire log, such as `192.168.1.10:40112`.
    package var hostAndPort: String { "\(host):\(self?.port ?? 0)" }
}
