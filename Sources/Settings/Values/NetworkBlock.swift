/// A block of IP addresses, such as `192.168.1.0/24`, `10.0.0.7` or `fd00::/8`.
package struct NetworkBlock: Hashable, Sendable {
    /// 4 of IPv4, 16 of IPv6.
    package let bytes: [UInt8]
    /// How many leading bits count: 0 to 32, or 128.
    package let length: Int
}
