/// How much of what a client has sent over a stream, since its last request, is none.
package struct StreamNoise: Sendable {
    /// A client that sends so much without a request in it is no Modbus client, or its line is set differently.
    package static let most = 16_384
    /// Why a connection is closed then.
    package static let reason = "what it sends is no Modbus RTU; are the baud rate and the format right?"

    private var count = 0

    init() {}

    /// Whether the connection is to be closed.
    package var isTooMuch: Bool { count >= Self.most }

    /// So many bytes belong to no request.
    mutating func add(_ bytes: Int) { count += bytes }
}
