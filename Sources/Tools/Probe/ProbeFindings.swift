package import Modbus

/// What a probe has heard so far, and what it makes of it.
package struct ProbeFindings: Sendable {
    package enum Verdict: Hashable, Sendable {
        /// Units answer at this setting.
        case found(LineSetting?)
        /// Somebody else asks on this line, at this setting; these are frames of it.
        case talking(LineSetting?, [RTUFrame])
        /// Only the own requests were heard.
        case echo
        /// Bytes came, most of them at this setting, and never a frame.
        case garbage(LineSetting?)
        /// The server has ended the connection or took none, or says something that is no Modbus, in these words.
        case closed(String?, words: String?)
        /// Not a byte came.
        case nothing
    }

    /// Nil while it goes on.
    package internal(set) var verdict: Verdict?
    /// One for each unit that answers, by unit.
    package internal(set) var hits: [ProbePlan.Hit] = []
    /// Settings at which something answered, but not again.
    package internal(set) var unconfirmed: [LineSetting?] = []
    /// The adapter hears itself.
    package private(set) var isEchoed = false
    /// Bytes that came before anything was asked.
    package internal(set) var heardWhileListening = 0
    /// Why the connection was lost last.
    private var lossReason: String?
    private var serverWords: String?
    /// Where bytes came that are no frame.
    private var garbage: [(setting: LineSetting?, bytes: Int)] = []

    mutating func count(_ hearing: ProbeHearing, at setting: LineSetting?) {
        if hearing.isEchoed { isEchoed = true }
        lossReason = hearing.lossReason ?? lossReason
        serverWords = hearing.serverWords ?? serverWords
        let bytes = hearing.garbage + hearing.foreign.reduce(0) { $0 + $1.bytes.count }
        guard bytes > 0 else { return }
        if let last = garbage.indices.last, garbage[last].setting == setting {
            garbage[last].bytes += bytes
        } else {
            garbage.append((setting, bytes))
        }
    }

    var verdictWithoutAnswer: Verdict {
        if let setting = unconfirmed.first { return .garbage(setting) }
        if let most = garbage.max(by: { $0.bytes < $1.bytes }) { return .garbage(most.setting) }
        if lossReason != nil || serverWords != nil { return .closed(lossReason, words: serverWords) }
        return isEchoed ? .echo : .nothing
    }
}
