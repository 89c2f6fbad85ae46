internal import Text

/// The parts of a text such as `holding:0-124` or `2/input:3000`: a table, addresses, and before them perhaps a unit.
struct RegisterBlockText {
    /// nil: the text names none.
    let unit: Substring?
    let table: Substring
    let addresses: ClosedRange<UInt16>

    /// nil: the text has other parts, or wrong addresses, or addresses in the wrong order.
    init?(_ text: Substring) {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        let parts = halves[halves.count - 1].split(separator: ":", omittingEmptySubsequences: false)
        guard halves.count <= 2, parts.count == 2 else { return nil }
        let ends = parts[1].split(separator: "-", omittingEmptySubsequences: false).map {
            Int(digits: $0).flatMap { UInt16(exactly: $0) }
        }
        guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first <= last else {
            return nil
        }
        unit = halves.count == 2 ? halves[0] : nil
        table = parts[0]
        addresses = first...last
    }

    static func text(_ table: String, _ addresses: ClosedRange<UInt16>) -> String {
        let range = addresses.count == 1 ? "\(addresses.lowerBound)" : "\(addresses.lowerBound)-\(addresses.upperBound)"
        return "\(table):\(range)"
    }
}
