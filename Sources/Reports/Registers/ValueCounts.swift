/// How often which value occurred, for registers that have changed; bounded.
///
/// A register that changes gets a block of 256 entries for the high byte of its values, each of which leads to a block
/// for the low byte, made when it is needed.
struct ValueCounts: Sendable {
    private static let blockSize = 256
    private static let blockBytes = blockSize * MemoryLayout<UInt32>.size
    /// 64 MB.
    static let largestMemory = 64 << 20

    /// Block 0 stands for "none".
    private var entries = [UInt32](repeating: 0, count: blockSize)
    /// The first block of each register, by its position; 0: it has not changed.
    private var roots: [UInt32] = []
    /// Registers with values that there was no room for.
    private(set) var incomplete: Set<Int> = []
    private let capacity: Int

    /// - Parameter memory: the most bytes; what has no room is left out.
    init(memory: Int = largestMemory) {
        capacity = memory / Self.blockBytes
    }

    /// - Parameters:
    ///   - values: two bytes for each of the registers from `position` on, the high one first.
    ///   - before: what is known of these registers without the values.
    mutating func add(_ values: ArraySlice<UInt8>, at position: Int, after before: ArraySlice<RegisterValues>) {
        var (index, offset) = (position, values.startIndex)
        for before in before {
            add(UInt16(values[offset]) << 8 | UInt16(values[offset + 1]), at: index, after: before)
            (index, offset) = (index + 1, offset + 2)
        }
    }

    @inline(__always)
    private mutating func add(_ value: UInt16, at position: Int, after before: RegisterValues) {
        if before.count == 0 || (before.changes == 0 && before.last == value) { return }
        if before.changes == 0 { count(before.first, before.count, at: position) }
        count(value, 1, at: position)
    }

    private mutating func count(_ value: UInt16, _ times: UInt32, at position: Int) {
        if position >= roots.count { roots += repeatElement(0, count: position + 1 - roots.count) }
        if roots[position] == 0 { roots[position] = newBlock() }
        let high = Int(roots[position]) * Self.blockSize + Int(value >> 8)
        if roots[position] > 0, entries[high] == 0 {
            // Two steps: the new block moves the entries.
            let block = newBlock()
            entries[high] = block
        }
        guard roots[position] > 0, entries[high] > 0 else {
            incomplete.insert(position)
            return
        }
        entries[Int(entries[high]) * Self.blockSize + Int(value & 0xFF)] &+= times
    }

    /// 0 if there is no room.
    private mutating func newBlock() -> UInt32 {
        guard entries.count < capacity * Self.blockSize else { return 0 }
        entries += repeatElement(0, count: Self.blockSize)
        return UInt32(entries.count / Self.blockSize - 1)
    }

    /// Of the values that there was room for. Nil if the register has not changed, or none had room. Of an even number of values the lower one.
    func median(at position: Int) -> UInt16? {
        guard position < roots.count, roots[position] > 0 else { return nil }
        let counted = block(roots[position]).enumerated().filter { $0.element > 0 }.flatMap { high, low in
            block(low).enumerated().map { (UInt16(high) << 8 | UInt16($0.offset), Int($0.element)) }
        }
        let total = counted.reduce(0) { $0 + $1.1 }
        var seen = 0
        for (value, count) in counted where count > 0 {
            seen += count
            if 2 * seen >= total { return value }
        }
        return nil
    }

    private func block(_ number: UInt32) -> ArraySlice<UInt32> {
        entries[(Int(number) * Self.blockSize)..<((Int(number) + 1) * Self.blockSize)]
    }
}
