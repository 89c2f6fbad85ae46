internal import Glibc
internal import Text

/// A block of IP addresses, such as `192.168.1.0/24`, `10.0.0.7` or `fd00::/8`.
package struct NetworkBlock: Hashable, Sendable {
    /// 4 of IPv4, 16 of IPv6; the bits behind ``length`` are 0.
    package let bytes: [UInt8]
    /// How many leading bits count: 0 to 32, or 128.
    package let length: Int

    /// What ``init(_:)`` reads, in words.
    package static let allowed =
        "an IP address, or a block of them such as 192.168.1.0/24 or fd00::/8 (up to /32 of IPv4, /128 of IPv6)"

    /// Reads an address alone, or with the length of its block; nil: it is none, or has bits behind the length.
    package init?(_ text: String) {
        guard let (bytes, length) = Self.parts(text), Self.masked(bytes, length) == bytes else { return nil }
        (self.bytes, self.length) = (bytes, length)
    }

    private init(bytes: [UInt8], length: Int) {
        (self.bytes, self.length) = (bytes, length)
    }

    /// The block that the address of another one is in; nil: the text is no address with a length either.
    package static func meant(_ text: String) -> NetworkBlock? {
        parts(text).map { NetworkBlock(bytes: masked($0, $1), length: $1) }
    }

    private static func parts(_ text: String) -> (bytes: [UInt8], length: Int)? {
        let halves = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = halves.first.flatMap({ address(String($0)) }) else { return nil }
        guard halves.count == 2 else { return (address, address.count * 8) }
        guard let length = Int(digits: halves[1]), length <= address.count * 8 else { return nil }
        return (address, length)
    }

    private static func address(_ text: String) -> [UInt8]? {
        // What is behind a zero byte would not be read.
        guard !text.utf8.contains(0) else { return nil }
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            if inet_pton(family, text, &bytes) == 1 { return bytes }
        }
        return nil
    }

    private static func masked(_ bytes: [UInt8], _ length: Int) -> [UInt8] {
        bytes.enumerated().map { index, byte in
            byte & ~(0xFF >> UInt8(clamping: min(max(length - index * 8, 0), 8)))
        }
    }
}

extension NetworkBlock: CustomStringConvertible {
    /// As it is read; the length only where it is not that of one address.
    package var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count))
        let address = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return length == bytes.count * 8 ? address : "\(address)/\(length)"
    }
}
