internal import Text

/// A number of bytes, 0 or 1 KB to 1 TB.
struct ByteCount {
    static let allowed = "0 (no limit) or 1K to 1000G, in bytes or with K, M or G (thousand, million, billion)"

    let bytes: Int

    /// Reads `100000000`, `100000K`, `100M` or `1G`, in any letter case; nil: it is none of them, or out of range.
    init?(_ text: String) {
        let factors: [Character: Int] = ["K": 1000, "M": 1_000_000, "G": 1_000_000_000]
        let factor = text.uppercased().last.flatMap { factors[$0] }
        guard let number = Int(digits: factor == nil ? text[...] : text.dropLast()) else { return nil }
        let (bytes, overflows) = number.multipliedReportingOverflow(by: factor ?? 1)
        guard !overflows, bytes == 0 || (1000...1_000_000_000_000).contains(bytes) else { return nil }
        self.bytes = bytes
    }
}
