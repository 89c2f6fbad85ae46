internal import Glibc

/// Words and their meanings, looked up by bytes without making a string.
struct Vocabulary<Meaning: Sendable>: Sendable {
    /// By the number of bytes, 0–31.
    private let words: [[(StaticString, Meaning)]]

    init(_ words: [(StaticString, Meaning)]) {
        self.words = (0..<32).map { length in words.filter { $0.0.utf8CodeUnitCount == length } }
    }

    func meaning(of word: UnsafeRawBufferPointer) -> Meaning? {
        guard word.count < words.count, let start = word.baseAddress else { return nil }
        for (known, meaning) in words[word.count] where memcmp(known.utf8Start, start, word.count) == 0 {
            return meaning
        }
        return nil
    }
}
