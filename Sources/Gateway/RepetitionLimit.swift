internal import NIOCore

/// Bounds what is told of things that happen again and again: the first few of a kind at once, further ones once a minute,
/// with their number.
///
/// What comes again and again must not fill the disk. On the event loop only.
final class RepetitionLimit {
    private struct Kind {
        let name: String
        /// How many may still be told at once.
        var toTell: Int
        /// How many were not told within this minute, and what there is to say of the last one.
        var untold = (count: 0, last: "")
    }

    /// Further kinds are told together.
    static let mostKinds = 64

    private let mostAtOnce: Int
    private let otherKinds: String
    /// Tells how many of a kind were not told within a minute, and what there is to say of the last one.
    var tellRest: (_ kind: String, _ count: Int, _ last: String) -> Void = { _, _, _ in }
    /// What has come within the last minute, in the order in which it came first.
    private var kinds: [Kind] = []
    private let timer: MinuteTimer

    /// - Parameters:
    ///   - mostAtOnce: of a kind that are told in a minute that follows a quiet one.
    ///   - otherKinds: what all kinds are called together that are too many.
    init(_ mostAtOnce: Int, otherKinds: String = "something else", loop: any EventLoop) {
        self.mostAtOnce = mostAtOnce
        self.otherKinds = otherKinds
        timer = MinuteTimer(loop)
        timer.whenOver = { [weak self] in self?.minuteIsOver() }
    }

    /// Something has come.
    ///
    /// - Parameter last: what there is to say of it if it is the last one of a minute.
    /// - Returns: the kind that it is to be told as, now; nil: it is counted.
    func note(_ kind: String, _ last: String) -> String? {
        timer.start()
        let index = index(of: kind)
        guard kinds[index].toTell > 0 else {
            kinds[index].untold = (kinds[index].untold.count + 1, last)
            return nil
        }
        kinds[index].toTell -= 1
        return kinds[index].name
    }

    /// Tells what is still to be told.
    func stop() {
        timer.stop()
        tell()
        kinds = []
    }

    private func index(of kind: String) -> Int {
        if let known = kinds.firstIndex(where: { $0.name == kind }) { return known }
        let name = kinds.count < Self.mostKinds ? kind : otherKinds
        if let others = kinds.firstIndex(where: { $0.name == name }) { return others }
        kinds.append(Kind(name: name, toTell: mostAtOnce))
        return kinds.count - 1
    }

    private func minuteIsOver() {
        tell()
        // What still comes is told once a minute; what has come to an end may be told at once when it begins again.
        kinds = kinds.filter { $0.untold.count > 0 }.map { Kind(name: $0.name, toTell: 0) }
        if !kinds.isEmpty { timer.start() }
    }

    private func tell() {
        for kind in kinds where kind.untold.count > 0 { tellRest(kind.name, kind.untold.count, kind.untold.last) }
    }
}
