/// The lengths of the reads that a unit has answered and refused: some refuse long reads of registers that they have.
struct ReadLengths: Sendable {
    private var longestAnswered = 0
    private var refusals: [ScanPlan.Range] = []

    mutating func answered(_ range: ScanPlan.Range) { longestAnswered = max(longestAnswered, range.addresses.count) }

    mutating func refused(_ range: ScanPlan.Range) {
        if range.addresses.count > 1 { refusals.append(range) }
    }

    /// The longest read that was answered, and the shortest longer one that was refused though all of its registers are
    /// there; nil: there is none.
    ///
    /// - Parameter isThere: whether the unit has the register at an address.
    func limit(_ isThere: (ScanPlan.Range, Int) -> Bool) -> (answered: Int, refused: Int)? {
        let limited = refusals.filter { range in
            range.addresses.count > longestAnswered && range.addresses.allSatisfy { isThere(range, $0) }
        }
        guard longestAnswered > 0, let refused = limited.map(\.addresses.count).min() else { return nil }
        return (longestAnswered, refused)
    }
}
