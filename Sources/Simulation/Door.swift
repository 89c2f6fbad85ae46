internal import Simulator
internal import Broker

/// Where a client comes in: which lines it reaches, and what it may do.
struct Entrance {
    /// The only line that it reaches, by its units' own numbers; nil: all.
    var line: Int?
    var isReadOnly = false
    var allowsBroadcast = false
    /// Whether a client gets only the answer to its newest transaction identifier.
    var isNewestOnly = false
    /// What may be read there.
    var reads = ReadRules()
    /// Whether what its line refuses to others may be read.
    var isDongle = false

    init(line: Int?) {
        self.line = line
    }

    init(lines: Int, _ random: inout RandomSource) {
        line = lines > 1 && random.chance(0.4) ? Int.random(in: 0..<lines, using: &random) : nil
        isReadOnly = random.chance(0.1)
    }

    static func dongle(line: Int) -> Entrance {
        var entrance = Entrance(line: line)
        entrance.allowsBroadcast = true
        entrance.isDongle = true
        return entrance
    }
}

/// A listener, or the port of a dongle. A reload may change what its clients may do.
final class Door {
    var entrance: Entrance
    let path: AccessPath

    init(_ entrance: Entrance, _ path: AccessPath) {
        self.entrance = entrance
        self.path = path
    }

    /// - Parameter line: by number; nil: it is not there.
    func planned(_ line: (Int) -> Line?) -> SwitchboardPlan.Path {
        var access = AccessPolicy.Settings()
        access.isReadOnly = entrance.isReadOnly
        access.allowsBroadcast = entrance.allowsBroadcast
        access.reads = entrance.reads
        let reach = entrance.line.map { line($0).map { .line($0) } ?? .noLine } ?? SwitchboardPlan.Reach.allLines
        return SwitchboardPlan.Path(path, access, to: reach)
    }
}
