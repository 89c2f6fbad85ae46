internal import Broker
internal import Modbus

/// Everything that was sent on the line, and which answer belongs to what.
///
/// Units stamp their replies with the number of the request that fetched them, no two lines with the same.
struct Transmissions {
    struct Record {
        let number: Int
        let frame: RTUFrame
        let isRead: Bool
        let instant: Instant
    }

    private static let kept = 4096

    /// What is added to a request's number for its stamp.
    private let firstStamp: Int
    private var records: [Record] = []
    /// The newest write to each unit, and the one before the current instant: a completion may be told just after the
    /// next request was sent.
    private var lastWrite: [UnitIdentifier: (number: Int, instant: Instant, before: Int)] = [:]
    /// The requests whose replies have come, newest last.
    private var replied: [(number: Int, isIntact: Bool, instant: Instant)] = []
    private var sentWrites: [RTUFrame: Int] = [:]
    private(set) var count = 0

    init(firstStamp: Int) {
        self.firstStamp = firstStamp
    }

    var last: Record? { records.last }

    mutating func sent(_ record: Record) {
        count += 1
        records.append(record)
        if records.count > Self.kept { records.removeFirst(Self.kept / 2) }
        guard !record.isRead else { return }
        let before = lastWrite[record.frame.unit]?.number ?? 0
        lastWrite[record.frame.unit] = (record.number, record.instant, before)
        sentWrites[record.frame, default: 0] += 1
    }

    mutating func replied(to number: Int, isIntact: Bool, at instant: Instant) {
        replied.append((number, isIntact, instant))
        if replied.count > 64 { replied.removeFirst(32) }
    }

    /// Whether the newest request has been answered: by its own reply, or by that of an identical one before it, for
    /// which the other reply is a debt (R4). A damaged reply may be that of any request.
    var isNewestAnswered: Bool {
        guard let newest = records.last else { return true }
        return replied.contains { reply in
            guard reply.instant >= newest.instant else { return false }
            return !reply.isIntact || records.last { $0.number == reply.number }?.frame == newest.frame
        }
    }

    /// Whether a unit has answered what was sent then.
    func isAnswered(_ frame: RTUFrame, sent: Instant) -> Bool {
        records.last { $0.instant == sent && $0.frame == frame }.map { record in
            replied.contains { $0.number == record.number }
        } ?? false
    }

    /// Whether this was sent since then.
    func isSent(_ frame: RTUFrame, since instant: Instant) -> Bool {
        records.contains { $0.instant >= instant && $0.frame == frame }
    }

    /// How often this write was sent.
    func writes(of frame: RTUFrame) -> Int { sentWrites[frame] ?? 0 }

    /// Whether this reply may be given to a client that asked `request` at `arrived`.
    func isRightAnswer(_ reply: RTUFrame, to request: RTUFrame, isRead: Bool, arrived: Instant, now: Instant) -> Bool {
        if isRead, let stamp = StampingUnit.stamp(of: reply.pdu) {
            return records.last { UInt16(truncatingIfNeeded: firstStamp + $0.number) == stamp }
                .map { isRight($0, for: request, isRead: true, arrived: arrived, now: now) } ?? false
        }
        // No stamp fits into an exception or an echo: one of those that have just come must be the right one.
        let recent = replied.filter { now - $0.instant <= .milliseconds(400) }.map(\.number)
        return records.reversed().contains {
            recent.contains($0.number) && isRight($0, for: request, isRead: isRead, arrived: arrived, now: now)
        }
    }

    private func isRight(
        _ record: Record, for request: RTUFrame, isRead: Bool, arrived: Instant, now: Instant
    ) -> Bool {
        guard record.frame == request else { return false }
        guard isRead else { return record.instant >= arrived }
        return lastWrite.allSatisfy { unit, write in
            guard unit == request.unit || unit.isBroadcast || request.unit.isBroadcast else { return true }
            return (write.instant == now ? write.before : write.number) < record.number
        }
    }
}
