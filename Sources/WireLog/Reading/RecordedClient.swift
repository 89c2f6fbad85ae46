internal import Glibc

/// Who asks in a recording.
package final class RecordedClient: Sendable {
    /// Not the same for any two names that are known at the same time.
    package let number: Int
    /// As in the log: `SHINE`, `TCP:host:port`.
    package let name: String
    /// All connections of a host together: `SHINE`, `TCP:host`.
    package let group: String
    /// Of `group`; made once, because tables look it up for every line.
    package let groupHash: Int
    private let bytes: [UInt8]

    package init(number: Int, name: String) {
        self.number = number
        self.name = name
        let isConnection = name.hasPrefix("TCP:") || name.hasPrefix("RTU:")
        bytes = Array(name.utf8)
        group = isConnection ? name.lastIndex(of: ":").map { String(name[..<$0]) } ?? name : name
        groupHash = group.hashValue
    }

    fileprivate func isNamed(_ name: UnsafeRawBufferPointer) -> Bool {
        bytes.withUnsafeBytes { bytes in
            guard bytes.count == name.count else { return false }
            guard let start = bytes.baseAddress, let other = name.baseAddress else { return true }
            return memcmp(start, other, bytes.count) == 0
        }
    }

    /// Whose calls a capture holds: it does not tell.
    package static let ofCapture = RecordedClient(number: 0, name: "CAPTURE")
}

/// The clients of a recording by name: each is made once. Names that have not come for long are forgotten.
struct RecordedClients: Sendable {
    /// Of the younger half: connections have names of their own, and a log may hold any number of them.
    private static let capacity = 8192

    private var young: [UInt64: RecordedClient] = [:]
    private var old: [UInt64: RecordedClient] = [:]
    private var count = 0
    /// Most lines are of the same client as the line before.
    private var last: RecordedClient?

    mutating func client(_ name: UnsafeRawBufferPointer) -> RecordedClient {
        if let last, last.isNamed(name) { return last }
        let client = find(name)
        last = client
        return client
    }

    private mutating func find(_ name: UnsafeRawBufferPointer) -> RecordedClient {
        let hash = Self.hash(name)
        if let known = young[hash], known.isNamed(name) { return known }
        let client: RecordedClient
        if let known = old[hash], known.isNamed(name) {
            client = known
        } else {
            count += 1
            client = RecordedClient(number: count, name: String(decoding: name, as: UTF8.self))
        }
        if young.count >= Self.capacity { (old, young) = (young, [:]) }
        young[hash] = client
        return client
    }

    /// FNV-1a.
    private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
