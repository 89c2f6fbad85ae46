package import Growatt
internal import Modbus

/// What a scan asks next, given all answers so far.
///
/// A block that is refused is cut in two until the single registers that are missing are known. One that is not answered
/// is asked again, then cut as well; when ``Limits/silence`` requests in a row got no answer, the scan asks what was
/// answered before: if that is answered the rest of the block is given up, otherwise the unit is silent, and the scan
/// ends.
package struct ScanPlan: Sendable {
    /// Addresses of one table.
    package struct Range: Hashable, Sendable {
        package let table: RegisterTable
        package let addresses: ClosedRange<Int>

        package init(_ table: RegisterTable, _ addresses: ClosedRange<Int>) {
            self.table = table
            self.addresses = addresses
        }
    }

    package enum Step: Hashable, Sendable {
        case ask(Range)
        /// The unit is busy or its line is gone: wait, and then ask what comes next.
        case pause(Duration)
        case finished
        /// The unit answers nothing any more.
        case silent
    }

    package struct Limits: Hashable, Sendable {
        /// How often a block is asked before it is cut, and a single register before it is given up.
        package var attempts = 2
        package var singleAttempts = 5
        /// Requests in a row without answer.
        package var silence = 10
        /// How often in a row a busy unit is waited for, one second each time, before that counts as no answer.
        package var patience = 30
        /// After a request without answer: a late exception carries no address, and while one may still come a line gives
        /// no exception to anybody (R4).
        package var quiet: Duration = .seconds(1)
    }

    private struct Piece {
        let range: Range
        /// The block that it was cut from.
        let block: Int
        var attempts = 0
    }

    private enum Liveness {
        case known
        /// Asking what was answered before, for the time that is given.
        case asking(Int)
        case silent
    }

    private let limits: Limits
    /// The next one last.
    private var pieces: [Piece] = []
    private var liveness = Liveness.known
    private var unanswered = 0
    private var waits = 0
    /// How long to wait before the next request; nil: not at all.
    private var wait: Duration?
    /// What was answered last, with registers or with an exception.
    private var answered: Range?

    /// Values of the registers that are there.
    package private(set) var found = Dataset.Unit()
    /// Addresses that the unit refuses.
    package private(set) var missing: [RegisterTable: [ClosedRange<Int>]] = [:]
    /// Addresses about which it says nothing.
    package private(set) var silent: [RegisterTable: [ClosedRange<Int>]] = [:]
    /// Tables of which the unit has nothing, and refuses every register as an illegal function (0x01).
    ///
    /// A refused block says nothing about its table: Growatts answer 0x01 to long reads, and to addresses that they lack.
    package var unsupported: Set<RegisterTable> {
        Set(
            RegisterTable.allCases.filter {
                found[$0].isEmpty && illegalFunctions[$0, default: 0] > 0
                    && illegalFunctions[$0] == missing[$0]?.reduce(0) { $0 + $1.count }
            })
    }
    /// How many single registers were refused as an illegal function.
    private var illegalFunctions: [RegisterTable: Int] = [:]
    /// Those of the scan that this one continues included.
    package private(set) var requests: Int
    private var lengths = ReadLengths()

    /// - Parameters:
    ///   - ranges: what is to be known; they may overlap.
    ///   - block: the most registers asked for at once, 1 to 125; blocks begin at multiples of it.
    ///   - known: what an earlier scan has found out.
    package init(_ ranges: [Range], block: Int, known: ScanRecord = ScanRecord(), limits: Limits = Limits()) {
        self.limits = limits
        found = known.found
        missing = known.missing
        silent = known.silent
        requests = known.requests
        var number = 0
        for range in ScanRanges.open(ranges, known: known) {
            for addresses in ScanRanges.blocks(of: range.addresses, size: block) {
                number += 1
                pieces.append(Piece(range: Range(range.table, addresses), block: number))
            }
        }
        pieces.reverse()
    }

    /// Addresses about which nothing is known yet.
    package var openCount: Int { pieces.reduce(0) { $0 + $1.range.addresses.count } }

    /// How many registers at once the unit has answered, and how many it has refused for their number alone; nil: none.
    package var readLimit: (answered: Int, refused: Int)? { lengths.limit { self.found[$0.table][UInt16($1)] != nil } }

    package var foundCount: Int { RegisterTable.allCases.reduce(0) { $0 + found[$1].count } }

    package var record: ScanRecord { ScanRecord(found: found, missing: missing, silent: silent, requests: requests) }

    package var next: Step {
        if case .silent = liveness { return .silent }
        if pieces.isEmpty { return .finished }
        if let wait { return .pause(wait) }
        switch liveness {
        case .silent: return .silent
        case .asking: return answered.map { .ask($0) } ?? .silent
        case .known: return pieces.last.map { .ask($0.range) } ?? .finished
        }
    }

    /// The pause is over.
    package mutating func notePause() { wait = nil }

    /// What the request of ``next`` has brought.
    package mutating func note(_ answer: Answer) {
        guard case .ask(let range) = next else { return }
        requests += 1
        guard mayJudge(answer) else { return }
        switch Verdict(answer, range) {
        case .nothing: noteSilence()
        case .registers(let registers):
            noteAnswer(range)
            lengths.answered(range)
            for (address, value) in zip(range.addresses, registers) { found[range.table][UInt16(address)] = value }
            if case .asking = liveness { giveUpBlock() } else { pieces.removeLast() }
        case .refused(let isFunction):
            noteAnswer(range)
            lengths.refused(range)
            if case .asking = liveness {
                giveUpBlock()
            } else {
                cut(or: {
                    $0.missing[range.table, default: []].append(range.addresses)
                    if isFunction { $0.illegalFunctions[range.table, default: 0] += 1 }
                })
            }
        }
    }

    /// A single address that can be told from nothing more is put where it belongs.
    private mutating func cut(or end: (inout ScanPlan) -> Void) {
        let piece = pieces.removeLast()
        guard let (first, second) = ScanRanges.halves(of: piece.range.addresses) else { return end(&self) }
        for half in [second, first] {
            pieces.append(Piece(range: Range(piece.range.table, half), block: piece.block))
        }
    }

    private mutating func noteAnswer(_ range: Range) {
        unanswered = 0
        answered = range
    }
}

extension ScanPlan {
    /// False: the unit is busy, and the same is asked again after a pause.
    private mutating func mayJudge(_ answer: Answer) -> Bool {
        guard answer.isTransient, waits < limits.patience else {
            waits = 0
            return true
        }
        waits += 1
        wait = .seconds(1)
        return false
    }

    private mutating func noteSilence() {
        unanswered += 1
        wait = limits.quiet
        if case .asking(let times) = liveness {
            liveness = times < limits.singleAttempts ? .asking(times + 1) : .silent
            return
        }
        pieces[pieces.count - 1].attempts += 1
        if unanswered >= limits.silence {
            liveness = answered == nil ? .silent : .asking(1)
            return
        }
        let piece = pieces[pieces.count - 1]
        let isSingle = piece.range.addresses.count == 1
        guard piece.attempts >= (isSingle ? limits.singleAttempts : limits.attempts) else { return }
        cut(or: { $0.silent[piece.range.table, default: []].append(piece.range.addresses) })
    }

    /// The unit lives: it is this block that it says nothing about.
    private mutating func giveUpBlock() {
        liveness = .known
        guard let block = pieces.last?.block else { return }
        while let piece = pieces.last, piece.block == block {
            silent[piece.range.table, default: []].append(piece.range.addresses)
            pieces.removeLast()
        }
    }
}

/// What an answer says about the addresses that were asked for.
private enum Verdict {
    case registers([UInt16])
    case refused(isFunction: Bool)
    case nothing

    init(_ answer: Answer, _ range: ScanPlan.Range) {
        switch answer {
        case .reply(let pdu):
            // A reply of another length is none.
            let registers = pdu.registers.flatMap { $0.count == range.addresses.count ? $0 : nil }
            self = registers.map { .registers($0) } ?? .nothing
        case .exception(let code) where (0x01...0x04).contains(code.rawValue):
            self = .refused(isFunction: code == .illegalFunction)
        // The others tell of a line, a gateway or a moment, not of these registers.
        case .exception, .nothing: self = .nothing
        }
    }
}

extension Answer {
    /// Whether it says that it is too early, or that the line is gone for the moment.
    fileprivate var isTransient: Bool {
        switch self {
        case .exception(.acknowledge), .exception(.serverDeviceBusy), .exception(.gatewayPathUnavailable),
            .nothing(wasSent: false):
            true
        case .exception, .reply, .nothing: false
        }
    }
}
