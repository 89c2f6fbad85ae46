/// What somebody meant who wrote a word that is not known.
package enum SpellingGuess {
    /// The nearest of the words, if not more than a third of the letters would have to change.
    package static func of(_ word: String, among words: [String]) -> String? {
        let distances = words.map { (distance(Array(word.utf8.prefix(64)), Array($0.utf8)), $0) }
        guard let best = distances.min(by: { $0.0 < $1.0 }), best.0 <= max(1, best.1.utf8.count / 3) else { return nil }
        return best.1
    }

    /// Letters to insert, to remove or to change, two neighbours that are swapped counting as one (optimal string
    /// alignment).
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var rows = [Array(0...right.count)]
        for (i, a) in left.enumerated() {
            var row = [i + 1]
            for (j, b) in right.enumerated() {
                var least = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a == b ? 0 : 1))
                if i > 0, j > 0, a == right[j - 1], left[i - 1] == b { least = min(least, rows[i - 1][j - 1] + 1) }
                row.append(least)
            }
            rows.append(row)
        }
        return rows[left.count][right.count]
    }
}
