internal import Broker

/// When the bytes came that a scanner still holds: it tells frames apart later than they came.
struct ByteArrivals {
    private var chunks: [(count: Int, time: Instant)] = []

    /// Bytes have come, behind all others.
    mutating func append(_ count: Int, at time: Instant) {
        if let last = chunks.indices.last, chunks[last].time == time {
            chunks[last].count += count
        } else if count > 0 {
            chunks.append((count, time))
        }
    }

    /// The first bytes that are held have become a frame or noise.
    ///
    /// - Returns: when the last of them came; nil if none is held.
    mutating func take(_ count: Int) -> Instant? {
        var left = count
        var time: Instant?
        while left > 0, let first = chunks.first {
            time = first.time
            let taken = min(left, first.count)
            left -= taken
            chunks[0].count -= taken
            if chunks[0].count == 0 { chunks.removeFirst() }
        }
        return time
    }

    /// Nothing is held any more.
    mutating func removeAll() { chunks.removeAll(keepingCapacity: true) }
}
