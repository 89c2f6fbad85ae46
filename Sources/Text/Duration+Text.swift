extension Duration {
    /// Longest first where one is the end of another.
    private static let units: [(suffix: String, nanoseconds: Int64)] = [
        ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ]

    /// Reads a decimal number of seconds, such as `0.5`, or one with a unit: `500ms`, `2s`, `1m`, `1h`.
    ///
    /// Exact: nil for what is finer than a nanosecond, and for what is no plain decimal number (`1e3`, `-1`, `inf`).
    package init?(text: String) {
        let unit = Self.units.first { text.hasSuffix($0.suffix) } ?? ("", 1_000_000_000)
        let parts = text.dropLast(unit.suffix.count).split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), !(parts[0].isEmpty && parts.count == 1),
            let whole = parts[0].isEmpty ? 0 : Int(digits: parts[0]),
            let fraction = parts.count == 1 ? 0 : Self.part(parts[1], of: unit.nanoseconds),
            let nanoseconds = Int64(exactly: Int128(whole) * Int128(unit.nanoseconds) + Int128(fraction))
        else { return nil }
        self = .nanoseconds(nanoseconds)
    }

    /// The nanoseconds of the digits after the point.
    private static func part(_ text: Substring, of unit: Int64) -> Int64? {
        guard !text.isEmpty else { return nil }
        var digits = text
        while digits.last == "0" { digits.removeLast() }
        // Fifteen digits reach below a nanosecond of an hour, and stay within the 128 bits.
        guard digits.count <= 15, let value = digits.isEmpty ? 0 : Int(digits: digits) else { return nil }
        let scale = (0..<digits.count).reduce(Int128(1)) { scale, _ in scale * 10 }
        let (quotient, remainder) = (Int128(value) * Int128(unit)).quotientAndRemainder(dividingBy: scale)
        return remainder == 0 ? Int64(exactly: quotient) : nil
    }

    /// Seconds as a plain decimal number, such as `0.5`, which ``init(text:)`` reads; for durations ≥ 0.
    package var secondsText: String {
        let (seconds, attoseconds) = components
        guard attoseconds > 0 else { return "\(seconds)" }
        let digits = String(attoseconds)
        var fraction = String(repeating: "0", count: 18 - digits.count) + digits
        while fraction.last == "0" { fraction.removeLast() }
        return "\(seconds).\(fraction)"
    }
}
