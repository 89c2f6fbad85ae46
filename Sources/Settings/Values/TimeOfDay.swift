/// A time of the day as people write it.
package enum TimeOfDay {
    package static let allowed = "a time of the day, such as 06:30 or 18:05:30"

    /// Reads `6:30`, `06:30` or `06:30:15` as seconds since midnight; `24:00` is the end of the day; nil: it is none.
    package static func seconds(_ text: String) -> Double? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count) else { return nil }
        var numbers: [Int] = []
        for part in parts {
            guard (1...2).contains(part.count), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = Int(part)
            else { return nil }
            numbers.append(number)
        }
        let seconds = numbers[0] * 3600 + numbers[1] * 60 + (numbers.count == 3 ? numbers[2] : 0)
        guard numbers.dropFirst().allSatisfy({ $0 < 60 }), seconds <= 86400 else { return nil }
        return Double(seconds)
    }

    /// Seconds since midnight as ``seconds(_:)`` reads them, such as `06:30` or `18:05:30`.
    static func text(_ seconds: Double) -> String {
        let seconds = Int(seconds)
        let parts = [seconds / 3600, seconds / 60 % 60, seconds % 60]
        let texts = (parts[2] == 0 ? parts.dropLast() : parts).map { $0 < 10 ? "0\($0)" : "\($0)" }
        return texts.joined(separator: ":")
    }
}
