/// Words of up to 16 bytes, looked up by bytes without making a string.
struct Vocabulary<Word: WireLogWord>: Sendable {
    private struct Entry: Sendable {
        let bytes: SIMD2<UInt64>
        let word: Word
    }

    /// The most bytes of a word.
    static var longest: Int { 16 }

    private let entries: [Entry]
    /// Entries of words with `n` bytes begin at `starts[n]` and end before `starts[n + 1]`.
    private let starts: [Int]

    init(_ words: [Word]) {
        var (entries, starts) = ([Entry](), [Int]())
        for length in 0...Self.longest {
            starts.append(entries.count)
            for word in words where word.rawValue.utf8.count == length {
                let bytes = Array(word.rawValue.utf8).withUnsafeBytes(Self.packed)
                entries.append(Entry(bytes: bytes, word: word))
            }
        }
        self.entries = entries
        self.starts = starts + [entries.count]
    }

    /// - Returns: nil: no word has these bytes.
    func word(_ bytes: UnsafeRawBufferPointer) -> Word? {
        guard bytes.count <= Self.longest else { return nil }
        let packed = Self.packed(bytes)
        var index = starts[bytes.count]
        let end = starts[bytes.count &+ 1]
        while index < end {
            if entries[index].bytes == packed { return entries[index].word }
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
