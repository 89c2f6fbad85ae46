/// Decides which connection is the dongle where a serial server dials in.
///
/// There is one at a time, and the newest that has sent a whole request is it: a server that has lost its power leaves one
/// behind that looks alive. So everybody who speaks Modbus can take the place of the dongle, but for the time of a firmware
/// update; the rules for addresses are what keeps others out. A health check or a scan asks nothing, and does not cut the
/// dongle off.
package struct DialledDongle: Sendable {
    /// The number of a connection; no two have the same.
    package typealias Connection = Int

    /// What has to be done, in this order.
    package enum Effect: Hashable, Sendable {
        /// It is none of the connections any longer.
        case close(Connection, reason: String)
        /// A connection is the dongle.
        case opened
        /// The connection that was the dongle is gone, or was closed.
        case lost(reason: String)
        /// The dongle has sent this.
        case deliver([UInt8])
    }

    /// So many may be connected besides the dongle that have asked nothing yet; if more come, the oldest is closed. Those
    /// that only wait must not keep the dongle out, should it have dialled in again.
    package static let mostNewcomers = 4
    /// A connection that has asked nothing for so long is closed, unless it is the dongle.
    package static let patience: Duration = .seconds(60)
    /// While the port is lent, the dongle is replaced only when it has been silent for so long.
    package static let lentSilence: Duration = .seconds(10)

    /// nil: there is none.
    package private(set) var dongle: Connection?
    /// When it was last heard.
    private var heard = Instant.distantPast
    /// The others, the oldest first.
    private var newcomers: [Newcomer] = []

    package init() {}

    /// When ``advance(to:)`` has something to do; nil: never.
    package var nextChange: Instant? { newcomers.first.map { $0.came + Self.patience } }

    /// A connection has come. Where there is no dongle, it is the dongle, and may be silent for long.
    package mutating func came(_ connection: Connection, at now: Instant) -> [Effect] {
        guard dongle != nil else { return takePlace(connection, at: now) }
        let crowded = newcomers.count == Self.mostNewcomers ? newcomers.removeFirst() : nil
        newcomers.append(Newcomer(connection, at: now))
        return crowded.map { [.close($0.connection, reason: "it has asked nothing, and others have come")] } ?? []
    }

    /// Bytes have come.
    ///
    /// - Parameter isLent: whether a firmware update goes on, which has other bytes than requests.
    package mutating func received(
        _ bytes: [UInt8], from connection: Connection, isLent: Bool, at now: Instant
    ) -> [Effect] {
        if connection == dongle {
            heard = now
            return [.deliver(bytes)]
        }
        guard let index = newcomers.firstIndex(where: { $0.connection == connection }) else { return [] }
        if isLent {
            let mayTakePlace = dongle == nil || heard + Self.lentSilence <= now
            guard mayTakePlace else { return close(index, "a firmware update goes on") }
            return takePlace(index, with: bytes, at: now)
        }
        switch newcomers[index].received(bytes, at: now) {
        case .nothing: return []
        case .request(let asked): return takePlace(index, with: asked, at: now)
        case .noise: return close(index, StreamNoise.reason)
        }
    }

    /// A connection is gone.
    package mutating func lost(_ connection: Connection, _ reason: String) -> [Effect] {
        newcomers.removeAll { $0.connection == connection }
        guard connection == dongle else { return [] }
        dongle = nil
        return [.lost(reason: reason)]
    }

    /// Time has passed.
    package mutating func advance(to now: Instant) -> [Effect] {
        let late = newcomers.prefix { $0.came + Self.patience <= now }
        newcomers.removeFirst(late.count)
        return late.map { .close($0.connection, reason: "it has asked nothing") }
    }
}

extension DialledDongle {
    private mutating func close(_ index: Int, _ reason: String) -> [Effect] {
        [.close(newcomers.remove(at: index).connection, reason: reason)]
    }

    private mutating func takePlace(_ index: Int, with bytes: [UInt8], at now: Instant) -> [Effect] {
        takePlace(newcomers.remove(at: index).connection, at: now) + [.deliver(bytes)]
    }

    private mutating func takePlace(_ connection: Connection, at now: Instant) -> [Effect] {
        let reason = "a newer connection has taken its place"
        let older: [Effect] = dongle.map { [.close($0, reason: reason), .lost(reason: reason)] } ?? []
        dongle = connection
        heard = now
        return older + [.opened]
    }
}
