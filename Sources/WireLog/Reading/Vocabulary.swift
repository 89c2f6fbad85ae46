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

    /// The bytes in two words, of which the unused ones are 0; read in pieces that may overlap.
    @inline(__always)
    private static func packed(_ word: UnsafeRawBufferPointer) -> SIMD2<UInt64> {
        let count = word.count
        if count >= 8 {
            let (low, end): (UInt64, UInt64) = (piece(word, at: 0), piece(word, at: count - 8))
            // A shift by 64 gives 0.
            return SIMD2(low, end >> UInt64(8 * (16 - count)))
        }
        if count >= 4 {
            let (low, end): (UInt32, UInt32) = (piece(word, at: 0), piece(word, at: count - 4))
            return SIMD2(UInt64(low) | UInt64(end) &<< UInt64(8 &* (count - 4)), 0)
        }
        var low = UInt64(0)
        for index in 0..<count { low |= UInt64(word[index]) &<< UInt64(8 &* index) }
        return SIMD2(low, 0)
    }

    @inline(__always)
    private static func piece<Piece: FixedWidthInteger & BitwiseCopyable>(
        _ word: UnsafeRawBufferPointer, at offset: Int
    ) -> Piece {
        Piece(littleEndian: word.loadUnaligned(fromByteOffset: offset, as: Piece.self))
    }
}
