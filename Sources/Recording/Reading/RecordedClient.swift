/// Who asks in a recording.
package final class RecordedClient: Sendable {
    /// Not the same for any two names that are known at the same time.
    package let number: Int
    /// As in the log: `SHINE`, `TCP:host:port`.
    package let name: String
    /// All connections of a host together: `SHINE`, `TCP:host`.
    package let group: String

    package init(number: Int, name: String) {
        self.number = number
        self.name = name
        let isConnection = name.hasPrefix("TCP:") || name.hasPrefix("RTU:")
        group = isConnection ? name.lastIndex(of: ":").map { String(name[..<$0]) } ?? name : name
    }

    /// Whose calls a capture holds: it does not tell.
    package static let ofCapture = RecordedClient(number: 0, name: "CAPTURE")
}

/// The clients of a recording by name: each is made once. Names that have not come for long are forgotten.
struct RecordedClients {
    /// Of the younger half: connections have names of their own, and a log may hold any number of them.
    private static let capacity = 8192

    private var young: [UInt64: RecordedClient] = [:]
    private var old: [UInt64: RecordedClient] = [:]
    private var count = 0

    mutating func client(_ name: UnsafeRawBufferPointer) -> RecordedClient {
        let hash = Self.hash(name)
        if let known = young[hash], known.name.utf8.elementsEqual(name) { return known }
        let client: RecordedClient
        if let known = old[hash], known.name.utf8.elementsEqual(name) {
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
