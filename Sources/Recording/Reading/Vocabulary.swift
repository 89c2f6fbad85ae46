/// Words of up to 16 bytes and their meanings, looked up by bytes without making a string.
struct Vocabulary<Meaning: Sendable>: Sendable {
    private struct Entry: Sendable {
        let word: SIMD2<UInt64>
        let meaning: Meaning
    }

    private static var longest: Int { 16 }

    private let entries: [Entry]
    /// Entries of words with `n` bytes begin at `starts[n]` and end before `starts[n + 1]`.
    private let starts: [Int]

    init(_ words: [(StaticString, Meaning)]) {
        var (entries, starts) = ([Entry](), [Int]())
        for length in 0...Self.longest {
            starts.append(entries.count)
            for (word, meaning) in words where word.utf8CodeUnitCount == length {
                let bytes = UnsafeRawBufferPointer(start: word.utf8Start, count: length)
                entries.append(Entry(word: Self.packed(bytes), meaning: meaning))
            }
        }
        self.entries = entries
        self.starts = starts + [entries.count]
    }

    func meaning(of word: UnsafeRawBufferPointer) -> Meaning? {
        guard word.count <= Self.longest else { return nil }
        let packed = Self.packed(word)
        var index = starts[word.count]
        let end = starts[word.count &+ 1]
        while index < end {
            if entries[index].word == packed { return entries[index].meaning }
            index &+= 1
        }
        return nil
    }

    @inline(__always)
    private static func packed(_ word: UnsafeRawBufferPointer) -> SIMD2<UInt64> {
        var (low, high) = (UInt64(0), UInt64(0))
        for index in 0..<min(8, word.count) { low |= UInt64(word[index]) &<< UInt64(8 &* index) }
        for index in 8..<max(8, word.count) { high |= UInt64(word[index]) &<< UInt64(8 &* index &- 64) }
        return SIMD2(low, high)
    }
}
