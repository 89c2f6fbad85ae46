internal import NIOCore

/// Limits messages about events that repeat: the first few of a kind at once, the number of further ones once a minute.
///
/// Repeated events must not fill the disk. On the event loop only.
final class RepetitionLimit {
    private struct Kind {
        let name: String
        /// The number of events that may still be reported at once.
        var toTell: Int
        /// The number of events not reported within this minute, and the text of the last one.
        var untold = (count: 0, last: "")
    }

    /// Further kinds are reported together.
    static let mostKinds = 64

    private let mostAtOnce: Int
    private let otherKinds: String
    /// Reports the number of events of a kind that were not reported within a minute, and the text of the last one.
    var tellRest: (_ kind: String, _ count: Int, _ last: String) -> Void = { _, _, _ in }
    /// Kinds of the last minute, in the order of their first event.
    private var kinds: [Kind] = []
    private let timer: MinuteTimer

    /// - Parameters:
    ///   - mostAtOnce: events of a kind that are reported at once, in a minute after a quiet one.
    ///   - otherKinds: the name for all further kinds together.
    init(_ mostAtOnce: Int, otherKinds: String = "something else", loop: any EventLoop) {
        self.mostAtOnce = mostAtOnce
        self.otherKinds = otherKinds
        timer = MinuteTimer(loop)
        timer.whenOver = { [weak self] in self?.minuteIsOver() }
    }

    /// Counts an event.
    ///
    /// - Parameter last: the text of the event, in case that it is the last one of a minute.
    /// - Returns: the kind to report it as, now; nil: it is only counted.
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

    /// Reports the events that are still unreported.
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
        // A kind that goes on is reported once a minute; a kind that has ended may be reported at once when it begins again.
        kinds = kinds.filter { $0.untold.count > 0 }.map { Kind(name: $0.name, toTell: 0) }
        if !kinds.isEmpty { timer.start() }
    }

    private func tell() {
        for kind in kinds where kind.untold.count > 0 { tellRest(kind.name, kind.untold.count, kind.untold.last) }
    }
}
